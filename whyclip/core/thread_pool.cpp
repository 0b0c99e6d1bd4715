#include "whyclip/core/thread_pool.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <thread>

namespace whyclip::detail {
namespace {

/// More threads than processors give no speed-up. The minimum lets small machines test many
/// threads.
std::int64_t most_workers() {
  constexpr std::int64_t kAlways = 8;
  static const std::int64_t processors = std::thread::hardware_concurrency();
  return std::max(kAlways, 2 * processors) - 1;
}

/// Spinning time of a thread before it sleeps: consecutive ops of a tower follow each other within
/// this time, and waking a thread takes about 50 µs on a virtual machine.
constexpr std::chrono::microseconds kSpin{100};

void pause_briefly() {
  for (int i = 0; i < 8; ++i) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
}

/// Returns whether `done` became true within kSpin.
template <class Done>
bool spin_until(Done done) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    if (done()) return true;
    pause_briefly();
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

/// Blocks all signals, so that the workers do not receive those of the program.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

RangeJob::RangeJob(std::int64_t count, int ranges, Body body, void* context)
    : count_(count), ranges_(ranges), body_(body), context_(context) {}

void RangeJob::work() noexcept {
  while (true) {
    const int range = next_.fetch_add(1, std::memory_order_relaxed);
    if (range >= ranges_) {
      next_.store(ranges_, std::memory_order_relaxed);  // prevents overflow after many calls
      return;
    }
    const std::int64_t begin = count_ * range / ranges_, end = count_ * (range + 1) / ranges_;
    try {
      if (begin < end) body_(context_, begin, end);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }
}

void RangeJob::rethrow_failure() const {
  if (failure_) std::rethrow_exception(failure_);
}

ThreadPool& ThreadPool::of_process() {
  // Never deleted: workers may outlive static objects. After fork() the child has no workers, and
  // the mutex may be held by a thread that does not exist in the child.
  static std::atomic<ThreadPool*> pool{nullptr};
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { pool.store(nullptr, std::memory_order_relaxed); });
  static_cast<void>(registered);
  ThreadPool* current = pool.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  auto* made = new ThreadPool;
  if (pool.compare_exchange_strong(current, made, std::memory_order_acq_rel)) return *made;
  delete made;  // another thread was faster
  return *current;
}

void ThreadPool::run(RangeJob& job) {
  const std::int64_t helpers = job.ranges() - 1;
  {
    const std::scoped_lock lock(mutex_);
    wanted_ += helpers;
    start_workers();
    append(job);
    posted_.fetch_add(1, std::memory_order_release);
    for (std::int64_t i = std::min(helpers, asleep_); i > 0; --i) has_work_.notify_one();
  }
  job.work();
  {
    const std::scoped_lock lock(mutex_);
    wanted_ -= helpers;
    remove(job);  // from here on no worker can find it
  }
  wait_for_workers(job);
}

void ThreadPool::start_workers() {
  while (started_ < std::min(wanted_, most_workers())) {
    try {
      const WithoutSignals masked;
      std::thread([this] { worker(); }).detach();
      ++started_;
    } catch (const std::system_error&) {
      return;
    } catch (const std::bad_alloc&) {
      return;
    }
  }
}

// The next three require mutex_.

void ThreadPool::append(RangeJob& job) {
  RangeJob** end = &first_job_;
  while (*end != nullptr) end = &(*end)->after_;
  *end = &job;
}

void ThreadPool::remove(RangeJob& job) {
  for (RangeJob** at = &first_job_; *at != nullptr; at = &(*at)->after_) {
    if (*at == &job) {
      *at = job.after_;
      return;
    }
  }
}

/// The oldest job with a range left, or null.
RangeJob* ThreadPool::take() {
  while (first_job_ != nullptr && !first_job_->has_range_left()) first_job_ = first_job_->after_;
  if (first_job_ != nullptr) first_job_->workers_.fetch_add(1, std::memory_order_relaxed);
  return first_job_;
}

void ThreadPool::worker() {
  std::uint32_t seen = 0;
  while (true) {
    spin_until([&] { return posted_.load(std::memory_order_acquire) != seen; });
    RangeJob* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      ++asleep_;
      has_work_.wait(lock, [&] { return (job = take()) != nullptr; });
      --asleep_;
      seen = posted_.load(std::memory_order_relaxed);
    }
    job->work();
    if (job->workers_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      // The job may be destroyed already. The lock ensures that a caller that saw this worker at
      // work is waiting by now.
      { const std::scoped_lock lock(mutex_); }
      worker_finished_.notify_all();
    }
  }
}

void ThreadPool::wait_for_workers(RangeJob& job) {
  const auto finished = [&] { return job.workers_.load(std::memory_order_acquire) == 0; };
  if (spin_until(finished)) return;
  std::unique_lock lock(mutex_);
  worker_finished_.wait(lock, finished);
}

}  // namespace whyclip::detail
