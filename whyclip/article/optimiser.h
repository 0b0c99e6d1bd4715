#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace whyclip {

enum class Optimiser {
  kSgd,   ///< m ← μ·m + g, x ← x − rate·m
  kAdam,  ///< Kingma and Ba 2015, algorithm 1, with β₂ = 0.999 and ε = 10⁻⁸
};

/// "sgd", "adam".
std::string_view name_of(Optimiser optimiser);

/// The steps of one descent.
class Descent {
 public:
  /// `momentum` is μ, or Adam's β₁; none: 0, for Adam 0.9. Throws Error unless the rate is finite
  /// and above 0 and the momentum in [0, 1).
  Descent(Optimiser optimiser, double rate, std::optional<double> momentum, std::size_t size);

  /// Moves x against the gradient. Both have the size.
  void step(std::span<const float> gradient, std::span<float> x);

 private:
  Optimiser optimiser_;
  double rate_, momentum_;
  std::int64_t steps_ = 0;
  std::vector<float> first_, second_;  ///< moments; empty where they are not needed
};

}  // namespace whyclip
