#include "whyclip/io/strided_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <limits>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr std::int64_t kMostIndex = std::numeric_limits<std::int64_t>::max();

/// a × b and a + b of numbers that are not negative; throws instead of overflowing.
std::int64_t multiply(std::int64_t a, std::int64_t b, const std::string& where) {
  if (a != 0 && b > kMostIndex / a) throw Error(where, "its shape or strides overflow");
  return a * b;
}
std::int64_t sum(std::int64_t a, std::int64_t b, const std::string& where) {
  if (b > kMostIndex - a) throw Error(where, "its shape or strides overflow");
  return a + b;
}

/// Returns whether the strides are those of row-major order. The stride of an axis of size 1 has no
/// meaning.
bool is_row_major(const std::vector<std::int64_t>& shape,
                  const std::vector<std::int64_t>& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i > 0; --i) {
    if (shape[i - 1] == 1) continue;
    if (strides[i - 1] != expected) return false;
    expected *= shape[i - 1];
  }
  return true;
}

/// Shape and strides without the axes of size 1.
std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> without_single_axes(
    const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> kept;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    kept.first.push_back(shape[i]);
    kept.second.push_back(strides[i]);
  }
  return kept;
}

/// Copies the values of the axes from `axis` on, `from` being the first of them.
void copy_axes(std::size_t axis, const std::byte* from, std::int64_t element,
               const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides,
               std::byte*& to) {
  if (axis == shape.size()) {
    std::memcpy(to, from, std::size_t(element));
    to += element;
    return;
  }
  const std::int64_t step = strides[axis] * element;
  if (axis + 1 == shape.size() && strides[axis] == 1) {
    std::memcpy(to, from, std::size_t(shape[axis] * element));
    to += shape[axis] * element;
    return;
  }
  for (std::int64_t i = 0; i < shape[axis]; ++i) {
    copy_axes(axis + 1, from + i * step, element, shape, strides, to);
  }
}

}  // namespace

std::span<const std::byte> StridedCopies::contiguous(std::span<const std::byte> storage,
                                                     std::int64_t element, std::int64_t offset,
                                                     const std::vector<std::int64_t>& shape,
                                                     const std::vector<std::int64_t>& strides,
                                                     const std::string& where) {
  const auto text = [&] {
    return fmt::format("shape [{}] with strides [{}] at {}", fmt::join(shape, ", "),
                       fmt::join(strides, ", "), offset);
  };
  if (shape.size() != strides.size()) throw Error(where, text() + " is not valid");
  std::int64_t count = 1, last = offset;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0 || strides[i] < 0) throw Error(where, text() + " is not valid");
  }
  if (offset < 0) throw Error(where, text() + " is not valid");
  for (const std::int64_t size : shape) {
    if (size == 0) return {};
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    count = multiply(count, shape[i], where);
    last = sum(last, multiply(shape[i] - 1, strides[i], where), where);
  }
  const std::int64_t stored = std::int64_t(storage.size()) / element;
  if (last >= stored) {
    throw Error(where, fmt::format("{} needs {} values, its storage has {}", text(),
                                   sum(last, 1, where), stored));
  }
  const std::size_t bytes = std::size_t(multiply(count, element, where));
  if (is_row_major(shape, strides)) {
    return storage.subspan(std::size_t(offset * element), bytes);
  }
  const std::byte* first = storage.data() + offset * element;
  const auto [known, added] = index_.emplace(View{first, element, shape, strides}, copies_.size());
  if (!added) return copies_[known->second];
  if (bytes > limit_ - copied_) {
    throw Error(where,
                fmt::format("{} takes {} bytes in memory, more than the file allows ({})", text(),
                            bytes, limit_ - copied_),
                ErrorCode::kLimit);
  }
  copied_ += bytes;
  std::byte* to = copies_.emplace_back(bytes).data();
  const auto [axes, steps] = without_single_axes(shape, strides);
  copy_axes(0, first, element, axes, steps, to);
  return copies_[known->second];
}

}  // namespace whyclip
