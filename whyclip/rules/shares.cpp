#include "whyclip/rules/shares.h"

#include <algorithm>

#include "whyclip/core/parallel.h"

namespace whyclip::tracing {

template <class T>
Shares<T> Shares<T>::clone() const {
  Shares copy(columns_, rows_, width_);
  std::copy_n(data(), columns_ * count(), copy.data());
  return copy;
}

template <class T>
Shares<T> zero_shares(std::int64_t columns, std::int64_t rows, std::int64_t width) {
  Shares<T> shares(columns, rows, width);
  std::fill_n(shares.data(), columns * rows * width, T(0));
  return shares;
}

template <class T>
Shares<T> total(const Shares<T>& shares, int threads) {
  Shares<T> sum(1, shares.rows(), shares.width());
  parallel_for(shares.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kCached = 2048;
    for (; begin < end; begin += kCached) {
      const std::int64_t count = std::min(kCached, end - begin);
      T* out = sum.data() + begin;
      std::fill_n(out, count, T(0));
      for (std::int64_t c = 0; c < shares.columns(); ++c) {
        const T* in = shares.column(c) + begin;
        for (std::int64_t i = 0; i < count; ++i) out[i] += in[i];
      }
    }
  });
  return sum;
}

template class Shares<float>;
template class Shares<double>;
template Shares<float> zero_shares(std::int64_t, std::int64_t, std::int64_t);
template Shares<double> zero_shares(std::int64_t, std::int64_t, std::int64_t);
template Shares<float> total(const Shares<float>&, int);
template Shares<double> total(const Shares<double>&, int);

}  // namespace whyclip::tracing
