#include "whyclip/core/tensor.h"

#include <algorithm>
#include <new>
#include <utility>

namespace whyclip {
namespace {

constexpr std::align_val_t kAlignment{64};

float* allocate(std::size_t count) {
  return static_cast<float*>(
      ::operator new(std::max<std::size_t>(count, 1) * sizeof(float), kAlignment));
}

void deallocate(float* storage) noexcept { ::operator delete(storage, kAlignment); }

/// Maximum number of idle floats when a new size is requested: 64 MB.
constexpr std::size_t kMostIdle = std::size_t{1} << 24;

}  // namespace

Arena::~Arena() {
  for (const Free& block : free_) deallocate(block.storage);
}

float* Arena::take(std::size_t count) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(free_.rbegin(), free_.rend(),
                                    [&](const Free& block) { return block.count == count; });
    if (found != free_.rend()) {
      float* storage = found->storage;
      *found = free_.back();
      free_.pop_back();
      return storage;
    }
    // Without this limit, many different sizes would accumulate.
    std::size_t idle = 0;
    for (const Free& block : free_) idle += block.count;
    if (idle > kMostIdle) {
      for (const Free& block : free_) deallocate(block.storage);
      free_.clear();
    }
    free_.reserve(free_.size() + 64);  // so that give_back does not allocate in practice
  }
  return allocate(count);
}

void Arena::give_back(float* storage, std::size_t count) noexcept {
  const std::scoped_lock lock(mutex_);
  if (free_.size() == free_.capacity()) {
    deallocate(storage);
    return;
  }
  free_.push_back({storage, count});
}

Tensor::Tensor(std::int64_t rows, std::int64_t width, std::shared_ptr<Arena> arena)
    : rows_(rows), width_(width), arena_(std::move(arena)) {
  data_ = arena_ ? arena_->take(size()) : allocate(size());
}

Tensor::Tensor(Tensor&& other) noexcept
    : rows_(std::exchange(other.rows_, 0)),
      width_(std::exchange(other.width_, 0)),
      data_(std::exchange(other.data_, nullptr)),
      arena_(std::move(other.arena_)) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  if (this != &other) {
    release();
    rows_ = std::exchange(other.rows_, 0);
    width_ = std::exchange(other.width_, 0);
    data_ = std::exchange(other.data_, nullptr);
    arena_ = std::move(other.arena_);
  }
  return *this;
}

Tensor::~Tensor() { release(); }

void Tensor::release() noexcept {
  if (data_ == nullptr) return;
  if (arena_) {
    arena_->give_back(data_, size());
  } else {
    deallocate(data_);
  }
  data_ = nullptr;
}

Tensor Tensor::zeros(std::int64_t rows, std::int64_t width) {
  Tensor result(rows, width);
  result.fill(0);
  return result;
}

Tensor Tensor::from(std::int64_t rows, std::int64_t width, std::span<const float> values) {
  Tensor result(rows, width);
  std::copy_n(values.begin(), result.size(), result.data());
  return result;
}

Tensor Tensor::clone() const { return from(rows_, width_, values()); }

void Tensor::fill(float value) { std::fill_n(data_, size(), value); }

Tensor Workspace::zeros(std::int64_t rows, std::int64_t width) const {
  Tensor result = tensor(rows, width);
  result.fill(0);
  return result;
}

}  // namespace whyclip
