#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace whyclip {

/// Copies of tensors whose values are not contiguous in their storage, with a limit on all copies
/// together. Tensors that are the same view of the same storage share a copy.
class StridedCopies {
 public:
  /// `limit` in bytes.
  explicit StridedCopies(std::size_t limit) : limit_(limit) {}

  /// The values of the view in row-major order: a part of `storage` if they are contiguous there,
  /// otherwise a copy. `element` is the size of a value in bytes; offset and strides are in values,
  /// and shape and strides have the same length. Throws Error naming `where` if the view is outside
  /// of the storage or the copies exceed the limit.
  std::span<const std::byte> contiguous(std::span<const std::byte> storage, std::int64_t element,
                                        std::int64_t offset, const std::vector<std::int64_t>& shape,
                                        const std::vector<std::int64_t>& strides,
                                        const std::string& where);

  /// The copies; the spans returned before stay valid.
  std::vector<std::vector<std::byte>> take() { return std::move(copies_); }

 private:
  using View = std::tuple<const std::byte*, std::int64_t, std::vector<std::int64_t>,
                          std::vector<std::int64_t>>;

  std::size_t limit_, copied_ = 0;
  std::map<View, std::size_t> index_;
  std::vector<std::vector<std::byte>> copies_;
};

}  // namespace whyclip
