#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace whyclip {

/// Draws from the standard normal distribution (Box and Muller 1958 over the 64-bit Mersenne
/// Twister). The same seed and stream always give the same values; different streams of one seed
/// are independent.
std::vector<double> normal_values(std::uint64_t seed, std::uint64_t stream, std::size_t count);

/// Platform-independent seed from a hash of the bytes (FNV-1a).
std::uint64_t seed_from(std::span<const std::byte> bytes);

// The following draws do not depend on the standard library, unlike the distributions of <random>.

/// Uniform index in [0, count); count is at least 1.
std::size_t draw_below(std::mt19937_64& random, std::size_t count);
/// Uniform in [0, 1), with 53 random bits.
double draw_uniform(std::mt19937_64& random);
/// Uniformly random permutation (Fisher and Yates 1938, in the form of Durstenfeld 1964).
void shuffle(std::mt19937_64& random, std::span<int> values);

}  // namespace whyclip
