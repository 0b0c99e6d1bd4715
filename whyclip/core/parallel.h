#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace whyclip {

/// Default number of threads: the number of processors available to this process, limited by
/// OMP_NUM_THREADS and OMP_THREAD_LIMIT.
int default_threads();

namespace detail {
using RangeBody = void (*)(void* context, std::int64_t begin, std::int64_t end);
void parallel_ranges(std::int64_t count, int threads, RangeBody body, void* context);
}  // namespace detail

/// Calls body(begin, end) for disjoint ranges that cover [0, count), on up to `threads` threads,
/// and returns when all ranges are done. The ranges depend on `count` and `threads` only, not on
/// the number of threads that actually run. May be called from several threads at once and from
/// inside a body. If bodies throw, one of the exceptions is rethrown after all ranges have ended.
template <class Body>
void parallel_for(std::int64_t count, int threads, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  detail::parallel_ranges(
      count, threads,
      [](void* context, std::int64_t begin, std::int64_t end) {
        (*static_cast<Plain*>(context))(begin, end);
      },
      const_cast<void*>(static_cast<const void*>(std::addressof(body))));
}

}  // namespace whyclip
