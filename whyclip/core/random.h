#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace whyclip {

/// Draws of a normal distribution with mean 0 and deviation 1 (Box and Muller 1958 over the 64-bit
/// Mersenne Twister). The same seed and stream give the same values whatever else is drawn;
/// different streams of one seed are independent.
std::vector<double> normal_values(std::uint64_t seed, std::uint64_t stream, std::size_t count);

}  // namespace whyclip
