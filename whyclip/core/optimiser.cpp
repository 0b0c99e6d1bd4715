#include "whyclip/core/optimiser.h"

#include <fmt/format.h>

#include <cmath>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr double kAdamMomentum = 0.9, kAdamSecond = 0.999, kAdamEpsilon = 1e-8;

}  // namespace

std::string_view name_of(Optimiser optimiser) {
  return optimiser == Optimiser::kAdam ? "adam" : "sgd";
}

Descent::Descent(Optimiser optimiser, double rate, std::optional<double> momentum, std::size_t size)
    : optimiser_(optimiser),
      rate_(rate),
      momentum_(momentum.value_or(optimiser == Optimiser::kAdam ? kAdamMomentum : 0)) {
  if (!(rate > 0) || !std::isfinite(rate)) {
    throw Error("learning rate", fmt::format("expected a finite number above 0, got {}", rate));
  }
  if (!(momentum_ >= 0) || momentum_ >= 1) {
    throw Error("momentum", fmt::format("expected at least 0 and less than 1, got {}", momentum_));
  }
  if (optimiser == Optimiser::kAdam) second_.assign(size, 0.0f);
  if (optimiser == Optimiser::kAdam || momentum_ > 0) first_.assign(size, 0.0f);
}

void Descent::step(std::span<const float> gradient, std::span<float> x) {
  ++steps_;
  if (first_.empty()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= float(rate_ * double(gradient[i]));
    return;
  }
  if (optimiser_ == Optimiser::kSgd) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      first_[i] = float(momentum_ * double(first_[i]) + double(gradient[i]));
      x[i] -= float(rate_ * double(first_[i]));
    }
    return;
  }
  // Corrects the bias of both moments, which start at zero.
  const double first = 1 - std::pow(momentum_, double(steps_)),
               second = 1 - std::pow(kAdamSecond, double(steps_));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double g = double(gradient[i]);
    first_[i] = float(momentum_ * double(first_[i]) + (1 - momentum_) * g);
    second_[i] = float(kAdamSecond * double(second_[i]) + (1 - kAdamSecond) * g * g);
    x[i] -= float(rate_ * (double(first_[i]) / first) /
                  (std::sqrt(double(second_[i]) / second) + kAdamEpsilon));
  }
}

}  // namespace whyclip
