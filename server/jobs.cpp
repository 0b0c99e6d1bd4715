#include "server/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/failure.h"
#include "whyclip/core/error.h"

namespace whyclip::server {

Jobs::Jobs(std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (const Lane lane : {Lane::kQuick, Lane::kLong, Lane::kFiles}) {
    workers_.at(std::size_t(lane)) = std::thread([this, lane] { work_in(lane); });
  }
}

Jobs::~Jobs() {
  cancel_all();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

std::shared_ptr<Job> Jobs::submit(Lane lane, Work work) {
  const std::lock_guard lock(mutex_);
  if (draining_) throw RequestError({503, "unavailable", "server", "the server stops"});
  std::size_t waiting = 0;
  for (const Queue& queue : queues_) waiting += queue.waiting.size();
  if (waiting >= most_waiting_) {
    ++rejected_;
    throw RequestError({429, "busy", "queue",
                        fmt::format("{} requests wait already: try again in a moment", waiting)});
  }
  Queue& queue = queue_of(lane);
  queue.waiting.push_back(std::make_shared<Job>(lane, std::move(work)));
  update_positions(queue);
  arrived_.notify_all();
  return queue.waiting.back();
}

JobState Jobs::wait(const Job& job, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return job.state_.finished; });
  return job.state_;
}

std::string Jobs::take(Job& job) {
  const std::lock_guard lock(mutex_);
  if (job.error_) std::rethrow_exception(job.error_);
  return std::move(job.result_);
}

void Jobs::cancel(Job& job) {
  const std::lock_guard lock(mutex_);
  if (job.state_.finished) return;
  job.cancelled_ = true;
  Queue& queue = queue_of(job.lane_);
  const auto found = std::ranges::find(queue.waiting, &job, &std::shared_ptr<Job>::get);
  if (found == queue.waiting.end()) return;
  finish(job, {}, std::make_exception_ptr(Cancelled("queue")));
  queue.waiting.erase(found);
  update_positions(queue);
}

void Jobs::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool Jobs::draining() const {
  const std::lock_guard lock(mutex_);
  return draining_;
}

bool Jobs::wait_until_idle(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return idle(); });
}

void Jobs::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (Queue& queue : queues_) {
    if (queue.running) abandon(*queue.running);
    for (const std::shared_ptr<Job>& job : queue.waiting) {
      abandon(*job);
    }
    queue.waiting.clear();
  }
}

std::size_t Jobs::waiting(Lane lane) const {
  const std::lock_guard lock(mutex_);
  return queue_of(lane).waiting.size();
}

bool Jobs::running(Lane lane) const {
  const std::lock_guard lock(mutex_);
  return queue_of(lane).running != nullptr;
}

std::uint64_t Jobs::rejected() const {
  const std::lock_guard lock(mutex_);
  return rejected_;
}

std::uint64_t Jobs::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void Jobs::work_in(Lane lane) {
  Queue& queue = queue_of(lane);
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [&] { return stopping_ || !queue.waiting.empty(); });
    if (queue.waiting.empty()) return;
    queue.running = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    queue.running->state_.running = true;
    update_positions(queue);
    lock.unlock();
    run(*queue.running);
    lock.lock();
    queue.running.reset();
    update_positions(queue);
    changed_.notify_all();
  }
}

void Jobs::run(Job& job) {
  std::string result;
  std::exception_ptr error;
  try {
    result = job.work_([&](std::string_view stage, std::int64_t done, std::int64_t total) {
      return report(job, stage, done, total);
    });
  } catch (...) {
    error = std::current_exception();
  }
  job.work_ = {};  // the image that it holds may be large
  const std::lock_guard lock(mutex_);
  if (!job.state_.finished) finish(job, std::move(result), error);
}

void Jobs::abandon(Job& job) {
  if (job.state_.finished) return;
  job.cancelled_ = true;
  finish(job, {}, std::make_exception_ptr(Cancelled("server")));
}

void Jobs::finish(Job& job, std::string result, std::exception_ptr error) {
  job.result_ = std::move(result);
  job.error_ = std::move(error);
  job.state_.finished = true;
  cancelled_ += job.cancelled_ ? 1 : 0;
  changed_.notify_all();
}

bool Jobs::report(Job& job, std::string_view stage, std::int64_t done, std::int64_t total) {
  const std::lock_guard lock(mutex_);
  job.state_.stage = stage;
  job.state_.done = done;
  job.state_.total = total;
  return !job.cancelled_;
}

void Jobs::update_positions(Queue& queue) {
  std::size_t before = queue.running ? 1 : 0;
  for (const std::shared_ptr<Job>& job : queue.waiting) job->state_.position = before++;
}

bool Jobs::idle() const {
  return std::ranges::all_of(
      queues_, [](const Queue& queue) { return queue.waiting.empty() && !queue.running; });
}

}  // namespace whyclip::server
