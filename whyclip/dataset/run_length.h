#pragma once

// Not part of the public interface: COCO's run lengths (cocodataset.org, data format).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// The counts that COCO's text of run lengths stands for. Every number is written in groups of five
/// bits, the lowest first, each as the character 48 + group, with bit 5 set where more follow; bit
/// 4 of the last is the sign; from the fourth number on it is the difference to the number two
/// before. Throws Error naming `where` for other characters, a text that ends within a number, and
/// for a count that is negative or beyond 31 bits.
std::vector<std::uint32_t> decode_counts(std::string_view text, const std::string& where);

/// Sets to 1 the pixels of a mask (height, width) that runs mark: column by column from the top
/// left, of 0 and of 1 by turns, of 0 first. Throws Error naming `where` unless the counts add up
/// to width × height.
void mark_runs(std::span<const std::uint32_t> counts, int width, int height,
               std::vector<std::uint8_t>& mask, const std::string& where);

}  // namespace whyclip::detail
