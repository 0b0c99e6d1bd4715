#include "whyclip/core/random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace whyclip {
namespace {

/// Uniform in (0, 1], with 53 random bits.
double uniform(std::mt19937_64& random) { return (double(random() >> 11) + 1) * 0x1p-53; }

}  // namespace

std::vector<double> normal_values(std::uint64_t seed, std::uint64_t stream, std::size_t count) {
  std::seed_seq sequence{std::uint32_t(seed), std::uint32_t(seed >> 32), std::uint32_t(stream),
                         std::uint32_t(stream >> 32)};
  std::mt19937_64 random(sequence);
  std::vector<double> values(count, 0.0);
  for (std::size_t i = 0; i < count; i += 2) {
    const double radius = std::sqrt(-2 * std::log(uniform(random))),
                 angle = 2 * std::numbers::pi * uniform(random);
    values[i] = radius * std::cos(angle);
    if (i + 1 < count) values[i + 1] = radius * std::sin(angle);
  }
  return values;
}

std::uint64_t seed_from(std::span<const std::byte> bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const std::byte byte : bytes) {
    hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 1099511628211U;
  }
  return hash;
}

std::size_t draw_below(std::mt19937_64& random, std::size_t count) {
  const std::uint64_t limit = random.max() - random.max() % count;
  for (;;) {
    const std::uint64_t drawn = random();
    if (drawn < limit) return std::size_t(drawn % count);
  }
}

double draw_uniform(std::mt19937_64& random) { return double(random() >> 11) * 0x1p-53; }

void shuffle(std::mt19937_64& random, std::span<int> values) {
  for (std::size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[draw_below(random, left)]);
  }
}

}  // namespace whyclip
