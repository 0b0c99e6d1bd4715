#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace whyclip {

/// Draws of a normal distribution with mean 0 and deviation 1 (Box and Muller 1958 over the 64-bit
/// Mersenne Twister). The same seed and stream give the same values whatever else is drawn;
/// different streams of one seed are independent.
std::vector<double> normal_values(std::uint64_t seed, std::uint64_t stream, std::size_t count);

/// A seed that these bytes give on every machine (FNV-1a).
std::uint64_t seed_from(std::span<const std::byte> bytes);

// Draws that are the same with every standard library, whose own distributions differ.

/// An index below `count`, at least 1, each as likely.
std::size_t draw_below(std::mt19937_64& random, std::size_t count);
/// In [0, 1), with 53 random bits.
double draw_uniform(std::mt19937_64& random);
/// Puts the values into an order of which each is as likely (Fisher and Yates 1938, in the form of
/// Durstenfeld 1964).
void shuffle(std::mt19937_64& random, std::span<int> values);

}  // namespace whyclip
