#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace whyclip {

/// Pool of float storage. A loop over the blocks of a network allocates in its first iteration
/// only. Thread-safe.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// `count` uninitialised floats aligned to 64 bytes. Throws std::bad_alloc.
  float* take(std::size_t count);
  void give_back(float* storage, std::size_t count) noexcept;

 private:
  struct Free {
    float* storage;
    std::size_t count;
  };
  std::mutex mutex_;
  std::vector<Free> free_;
};

/// A (rows, width) matrix of float32, contiguous and row-major. Movable; clone() makes a copy.
class Tensor {
 public:
  Tensor() = default;
  /// Uninitialised. Storage comes from `arena` and returns to it; without an arena it comes from
  /// the heap.
  Tensor(std::int64_t rows, std::int64_t width, std::shared_ptr<Arena> arena = nullptr);
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  ~Tensor();

  static Tensor zeros(std::int64_t rows, std::int64_t width);
  static Tensor from(std::int64_t rows, std::int64_t width, std::span<const float> values);
  Tensor clone() const;
  void fill(float value);

  std::int64_t rows() const { return rows_; }
  std::int64_t width() const { return width_; }
  std::size_t size() const { return static_cast<std::size_t>(rows_ * width_); }
  bool empty() const { return size() == 0; }
  float* data() { return data_; }
  const float* data() const { return data_; }
  std::span<float> values() { return {data_, size()}; }
  std::span<const float> values() const { return {data_, size()}; }
  std::span<float> row(std::int64_t r) { return {data_ + r * width_, std::size_t(width_)}; }
  std::span<const float> row(std::int64_t r) const {
    return {data_ + r * width_, std::size_t(width_)};
  }

 private:
  void release() noexcept;

  std::int64_t rows_ = 0;
  std::int64_t width_ = 0;
  float* data_ = nullptr;
  std::shared_ptr<Arena> arena_;
};

/// Resources of a computation: the number of threads and the arena of its tensors.
class Workspace {
 public:
  explicit Workspace(int threads) : threads_(threads), arena_(std::make_shared<Arena>()) {}
  int threads() const { return threads_; }
  /// Uninitialised.
  Tensor tensor(std::int64_t rows, std::int64_t width) const { return {rows, width, arena_}; }
  Tensor zeros(std::int64_t rows, std::int64_t width) const;

 private:
  int threads_;
  std::shared_ptr<Arena> arena_;
};

}  // namespace whyclip
