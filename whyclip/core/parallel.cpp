#include "whyclip/core/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace whyclip {

int default_threads() { return omp_get_num_procs(); }

namespace detail {
namespace {

/// One parallel call. The two counters carry the fork and the join as plain C++ synchronisation:
/// OpenMP's own is invisible to ThreadSanitizer, and with them it checks the bodies as it would
/// with any threads.
struct Call {
  std::int64_t count;
  int threads;
  RangeBody body;
  void* context;
  std::atomic<int> started{0};
  std::atomic<int> finished{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure{};  // written by the one thread that set `failed`

  void run(int thread) noexcept {
    started.load(std::memory_order_acquire);
    const std::int64_t begin = count * thread / threads;
    const std::int64_t end = count * (thread + 1) / threads;
    try {
      if (begin < end) body(context, begin, end);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
    finished.fetch_add(1, std::memory_order_acq_rel);
  }
};

/// The region itself is left out of the check: what it hands over is OpenMP's business.
__attribute__((noinline, no_sanitize("thread"))) void fork(Call* call) {
  const int threads = call->threads;
#pragma omp parallel num_threads(threads) default(none) firstprivate(call, threads)
  {
    // Fewer threads may come than were asked for: each then takes several shares.
    for (int t = omp_get_thread_num(); t < threads; t += omp_get_num_threads()) call->run(t);
  }
}

}  // namespace

void parallel_ranges(std::int64_t count, int threads, RangeBody body, void* context) {
  if (count <= 0) return;
  const int used = static_cast<int>(std::min<std::int64_t>(std::max(threads, 1), count));
  if (used == 1) {
    body(context, 0, count);
    return;
  }
  Call call{.count = count, .threads = used, .body = body, .context = context};
  call.started.store(1, std::memory_order_release);
  fork(&call);
  call.finished.load(std::memory_order_acquire);
  if (call.failure) std::rethrow_exception(call.failure);
}

}  // namespace detail
}  // namespace whyclip
