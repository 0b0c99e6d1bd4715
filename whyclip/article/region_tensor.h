#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace whyclip::tracing {

/// Activations of one trace point as (columns, rows, width): one column per region, with its
/// contribution to every activation; or a single column, the activations themselves. Cheap to move;
/// clone() copies.
template <class T>
class RegionTensor {
 public:
  RegionTensor() = default;
  /// Uninitialised.
  RegionTensor(std::int64_t columns, std::int64_t rows, std::int64_t width)
      : columns_(columns),
        rows_(rows),
        width_(width),
        data_(std::make_unique_for_overwrite<T[]>(std::size_t(columns * rows * width))) {}

  std::int64_t columns() const { return columns_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t width() const { return width_; }
  /// The number of values of one column.
  std::int64_t count() const { return rows_ * width_; }
  std::size_t bytes() const { return std::size_t(columns_ * count()) * sizeof(T); }
  bool empty() const { return data_ == nullptr; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T* column(std::int64_t c) { return data_.get() + c * count(); }
  const T* column(std::int64_t c) const { return data_.get() + c * count(); }
  T* row(std::int64_t c, std::int64_t r) { return column(c) + r * width_; }
  const T* row(std::int64_t c, std::int64_t r) const { return column(c) + r * width_; }

  RegionTensor clone() const;

 private:
  std::int64_t columns_ = 0, rows_ = 0, width_ = 0;
  std::unique_ptr<T[]> data_;
};

/// Zero everywhere.
template <class T>
RegionTensor<T> zero_region_tensor(std::int64_t columns, std::int64_t rows, std::int64_t width);

/// The sums over the columns, one column.
template <class T>
RegionTensor<T> total(const RegionTensor<T>& contributions, int threads);

}  // namespace whyclip::tracing
