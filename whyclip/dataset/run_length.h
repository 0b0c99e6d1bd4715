#pragma once

// Not part of the public interface: COCO's run lengths (cocodataset.org, data format).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// Decodes COCO's compressed run lengths. A number is a sequence of groups of five bits, the lowest
/// first, each stored as the character 48 + group; bit 5 is set if more groups follow, and bit 4 of
/// the last group is the sign. From the fourth number on, the difference to the number two before
/// is stored. Throws Error naming `where` for other characters, a text that ends within a number,
/// and a count that is negative or exceeds 31 bits.
std::vector<std::uint32_t> decode_counts(std::string_view text, const std::string& where);

/// Sets the pixels of a mask (height, width) to 1 that lie in odd runs. Runs go down the columns
/// from the top left; run 0 is outside of the mask. Throws Error naming `where` unless the counts
/// add up to width × height.
void mark_runs(std::span<const std::uint32_t> counts, int width, int height,
               std::vector<std::uint8_t>& mask, const std::string& where);

}  // namespace whyclip::detail
