#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>

namespace whyclip::detail {

/// Work split into numbered ranges. Any thread may compute any range, so the caller alone can
/// complete the job.
class RangeJob {
 public:
  using Body = void (*)(void* context, std::int64_t begin, std::int64_t end);

  /// Range r of `ranges` is [count · r / ranges, count · (r + 1) / ranges).
  RangeJob(std::int64_t count, int ranges, Body body, void* context);

  int ranges() const { return ranges_; }
  bool has_range_left() const { return next_.load(std::memory_order_relaxed) < ranges_; }
  /// Computes ranges until none is left.
  void work() noexcept;
  /// Rethrows one of the exceptions of the body, if any.
  void rethrow_failure() const;

 private:
  friend class ThreadPool;
  std::int64_t count_;
  int ranges_;
  Body body_;
  void* context_;
  RangeJob* after_ = nullptr;    ///< next job in the pool's list
  std::atomic<int> next_{0};     ///< first range that no thread has taken
  std::atomic<int> workers_{0};  ///< workers that hold a pointer to this job
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_{};  ///< written by the one thread that set failed_
};

/// The worker threads of the process. They sleep when there is no work. Calls may come from several
/// threads at once and from inside a range of another call. If a worker cannot be started (memory,
/// system limits), the pool runs with fewer workers.
class ThreadPool {
 public:
  /// The pool of this process; a child process made by fork() gets one of its own.
  static ThreadPool& of_process();

  ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Computes all ranges of the job on the calling thread and up to ranges − 1 workers, and returns
  /// when all have ended.
  void run(RangeJob& job);

 private:
  void start_workers();
  void worker();
  void append(RangeJob& job);
  void remove(RangeJob& job);
  RangeJob* take();
  void wait_for_workers(RangeJob& job);

  std::mutex mutex_;
  std::condition_variable has_work_, worker_finished_;
  RangeJob* first_job_ = nullptr;  // guarded by mutex_: an intrusive list: jobs need no allocation
  std::int64_t wanted_ = 0;        // guarded by mutex_: workers that the running calls could use
  std::int64_t started_ = 0;       // guarded by mutex_
  std::int64_t asleep_ = 0;        // guarded by mutex_
  std::atomic<std::uint32_t> posted_{0};  ///< number of jobs posted so far
};

}  // namespace whyclip::detail
