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

/// The state of the optimiser in one descent.
class Descent {
 public:
  /// `momentum` is μ, or Adam's β₁; none: 0, for Adam 0.9. Throws Error unless the rate is finite
  /// and above 0 and the momentum in [0, 1).
  Descent(Optimiser optimiser, double rate, std::optional<double> momentum, std::size_t size);

  /// Updates x by one step against the gradient. Both have `size` values.
  void step(std::span<const float> gradient, std::span<float> x);

 private:
  Optimiser optimiser_;
  double rate_, momentum_;
  std::int64_t steps_ = 0;
  std::vector<float> first_, second_;  ///< moments; empty if not needed
};

}  // namespace whyclip
