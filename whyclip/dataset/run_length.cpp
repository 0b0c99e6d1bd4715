#include "whyclip/dataset/run_length.h"

#include <fmt/format.h>

#include <cstddef>
#include <limits>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

/// Removes the number at the start of the text and returns it. Throws Error naming `where`.
std::int64_t take_number(std::string_view& text, const std::string& where) {
  constexpr int kMaxBits = 35;  // 32 bits and a sign
  std::int64_t value = 0;
  for (int shift = 0; shift < kMaxBits; shift += 5) {
    if (text.empty()) throw Error(where, "the run-length text ends within a number");
    const int group = static_cast<unsigned char>(text.front()) - 48;
    if (group < 0 || group > 63) {
      throw Error(where, fmt::format("expected run-length characters from '0' to 'o', got byte {}",
                                     group + 48));
    }
    text.remove_prefix(1);
    value += std::int64_t(group & 31) << shift;
    if ((group & 32) != 0) continue;
    if ((group & 16) != 0) value -= std::int64_t(1) << (shift + 5);
    return value;
  }
  throw Error(where, "a number in the run-length text is too long");
}

}  // namespace

std::vector<std::uint32_t> decode_counts(std::string_view text, const std::string& where) {
  std::vector<std::uint32_t> counts;
  while (!text.empty()) {
    std::int64_t count = take_number(text, where);
    if (counts.size() > 2) count += counts[counts.size() - 2];
    if (count < 0 || count > std::numeric_limits<std::int32_t>::max()) {
      throw Error(where, fmt::format("run length {} is not valid: {}", counts.size(), count));
    }
    counts.push_back(std::uint32_t(count));
  }
  return counts;
}

void mark_runs(std::span<const std::uint32_t> counts, int width, int height,
               std::vector<std::uint8_t>& mask, const std::string& where) {
  std::uint64_t total = 0;
  for (const std::uint32_t count : counts) total += count;
  const std::size_t rows = std::size_t(height), columns = std::size_t(width);
  if (total != rows * columns) {
    throw Error(where, fmt::format("run lengths must add up to {} × {} = {} pixels, got {}", width,
                                   height, rows * columns, total));
  }
  std::size_t pixel = 0;
  for (std::size_t run = 0; run < counts.size(); ++run) {
    const std::size_t end = pixel + counts[run];
    for (; run % 2 == 1 && pixel < end; ++pixel) mask[pixel % rows * columns + pixel / rows] = 1;
    pixel = end;
  }
}

}  // namespace whyclip::detail
