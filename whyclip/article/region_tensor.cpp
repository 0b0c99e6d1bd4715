#include "whyclip/article/region_tensor.h"

#include <algorithm>

#include "whyclip/core/parallel.h"

namespace whyclip::tracing {

template <class T>
RegionTensor<T> RegionTensor<T>::clone() const {
  RegionTensor copy(columns_, rows_, width_);
  std::copy_n(data(), columns_ * count(), copy.data());
  return copy;
}

template <class T>
RegionTensor<T> zero_region_tensor(std::int64_t columns, std::int64_t rows, std::int64_t width) {
  RegionTensor<T> contributions(columns, rows, width);
  std::fill_n(contributions.data(), columns * rows * width, T(0));
  return contributions;
}

template <class T>
RegionTensor<T> total(const RegionTensor<T>& contributions, int threads) {
  RegionTensor<T> sum(1, contributions.rows(), contributions.width());
  parallel_for(contributions.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kCached = 2048;
    for (; begin < end; begin += kCached) {
      const std::int64_t count = std::min(kCached, end - begin);
      T* out = sum.data() + begin;
      std::fill_n(out, count, T(0));
      for (std::int64_t c = 0; c < contributions.columns(); ++c) {
        const T* in = contributions.column(c) + begin;
        for (std::int64_t i = 0; i < count; ++i) out[i] += in[i];
      }
    }
  });
  return sum;
}

template class RegionTensor<float>;
template class RegionTensor<double>;
template RegionTensor<float> zero_region_tensor(std::int64_t, std::int64_t, std::int64_t);
template RegionTensor<double> zero_region_tensor(std::int64_t, std::int64_t, std::int64_t);
template RegionTensor<float> total(const RegionTensor<float>&, int);
template RegionTensor<double> total(const RegionTensor<double>&, int);

}  // namespace whyclip::tracing
