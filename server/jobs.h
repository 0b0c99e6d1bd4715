#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "whyclip/core/progress.h"

namespace whyclip::server {

/// Queues with one worker each, so that quick calls wait neither behind calls of minutes nor behind
/// files: a small file may take seconds to decode.
enum class Lane { kQuick, kLong, kFiles };

inline constexpr std::size_t kLanes = 3;

/// Computes an answer. Runs in a lane's worker.
using Work = std::function<std::string(const Progress&)>;

/// What a client is told of its work.
struct JobState {
  bool running = false, finished = false;
  std::size_t position = 0;  ///< number of jobs before it in its lane
  std::string stage = {};    ///< of the library's progress
  std::int64_t done = 0, total = 0;
};

class Jobs;

/// Work that waits, runs or is finished. Jobs has the lock for all its fields.
class Job {
 public:
  Job(Lane lane, Work work) : lane_(lane), work_(std::move(work)) {}

 private:
  friend class Jobs;
  Lane lane_;
  Work work_;
  JobState state_;
  bool cancelled_ = false;
  std::string result_;
  std::exception_ptr error_;
};

/// A bounded queue of work.
class Jobs {
 public:
  /// `most_waiting`: jobs that wait in all lanes together.
  explicit Jobs(std::size_t most_waiting);
  ~Jobs();  ///< cancels everything
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Throws RequestError: 429 if the queue is full, 503 after drain().
  std::shared_ptr<Job> submit(Lane lane, Work work);
  /// Waits until the job is finished, at most for this time, and returns its state.
  JobState wait(const Job& job, std::chrono::milliseconds longest);
  /// The answer of a finished job; throws what its work threw.
  std::string take(Job& job);
  /// A waiting job is removed; a running one stops at its next report of progress.
  void cancel(Job& job);

  /// From now on, submit() refuses.
  void drain();
  bool draining() const;
  /// Waits until no job waits or runs. Returns whether that is so in time.
  bool wait_until_idle(std::chrono::milliseconds longest);
  /// Finishes all jobs with Cancelled at once, even those that look at their progress much later.
  void cancel_all();

  std::size_t waiting(Lane lane) const;
  bool running(Lane lane) const;
  std::uint64_t rejected() const;
  std::uint64_t cancelled() const;  ///< jobs that ended because they were cancelled

 private:
  struct Queue {
    std::deque<std::shared_ptr<Job>> waiting;
    std::shared_ptr<Job> running;
  };

  void work_in(Lane lane);
  void run(Job& job);
  void abandon(Job& job);
  void finish(Job& job, std::string result, std::exception_ptr error);
  bool report(Job& job, std::string_view stage, std::int64_t done, std::int64_t total);
  void update_positions(Queue& queue);
  Queue& queue_of(Lane lane) { return queues_.at(std::size_t(lane)); }
  const Queue& queue_of(Lane lane) const { return queues_.at(std::size_t(lane)); }
  bool idle() const;

  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, changed_;
  std::array<Queue, kLanes> queues_;
  bool draining_ = false, stopping_ = false;
  std::uint64_t rejected_ = 0, cancelled_ = 0;
  std::array<std::thread, kLanes> workers_;
};

}  // namespace whyclip::server
