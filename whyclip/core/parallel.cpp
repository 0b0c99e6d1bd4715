#include "whyclip/core/parallel.h"

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <thread>

#include "whyclip/core/thread_pool.h"

namespace whyclip {
namespace {

int usable_processors() {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

int default_threads() {
  return std::clamp(std::min(omp_get_max_threads(), omp_get_thread_limit()), 1,
                    usable_processors());
}

namespace detail {

void parallel_ranges(std::int64_t count, int threads, RangeBody body, void* context) {
  if (count <= 0) return;
  const int ranges = static_cast<int>(std::min<std::int64_t>(std::max(threads, 1), count));
  if (ranges == 1) {
    body(context, 0, count);
    return;
  }
  RangeJob job(count, ranges, body, context);
  ThreadPool::of_process().run(job);
  job.rethrow_failure();
}

}  // namespace detail
}  // namespace whyclip
