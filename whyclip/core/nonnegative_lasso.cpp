#include "whyclip/core/nonnegative_lasso.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// Sweeps over the active atoms between two checks of all atoms.
constexpr int kSweepsPerCheck = 50;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

class Descent {
 public:
  Descent(std::span<const double> atoms, std::span<const double> z, double penalty)
      : atoms_(atoms), z_(z), penalty_(penalty), width_(z.size()) {
    result_.weights.assign(atoms.size() / width_, 0.0);
    result_.residual.assign(z.begin(), z.end());
    for (std::size_t k = 0; k < result_.weights.size(); ++k) {
      squares_.push_back(dot(atom(k), atom(k)));
      if (!(squares_.back() > 0) || !std::isfinite(squares_.back())) {
        throw Error("lasso", fmt::format("atom {} is zero or not finite", k));
      }
    }
  }

  /// Updates the weight of each of these atoms once. Returns the largest change of w_k ‖c_k‖.
  double sweep(std::span<const std::size_t> active) {
    double most = 0;
    for (const std::size_t k : active) {
      const std::span<const double> c = atom(k);
      double& weight = result_.weights[k];
      const double next =
          std::max(0.0, weight + (dot(c, result_.residual) - penalty_) / squares_[k]);
      const double change = next - weight;
      if (change == 0) continue;
      for (std::size_t i = 0; i < width_; ++i) result_.residual[i] -= change * c[i];
      weight = next;
      most = std::max(most, std::abs(change) * std::sqrt(squares_[k]));
    }
    ++result_.sweeps;
    return most;
  }

  /// Computes objective and gap. Returns the active atoms: those with a weight above 0 or a slope
  /// above λ.
  std::vector<std::size_t> check_optimality() {
    restore_residual();
    std::vector<std::size_t> active;
    double steepest = 0;
    for (std::size_t k = 0; k < result_.weights.size(); ++k) {
      const double slope = dot(atom(k), result_.residual);
      steepest = std::max(steepest, slope);
      if (slope > penalty_ || result_.weights[k] > 0) active.push_back(k);
    }
    const double used = std::accumulate(result_.weights.begin(), result_.weights.end(), 0.0);
    result_.objective = dot(result_.residual, result_.residual) + 2 * penalty_ * used;
    // The residual, scaled until no atom's slope exceeds λ, is a feasible point of the dual
    // problem.
    const double shorter = steepest > penalty_ ? penalty_ / steepest : 1;
    double dual = 0;
    for (std::size_t i = 0; i < width_; ++i) {
      const double rest = z_[i] - shorter * result_.residual[i];
      dual += z_[i] * z_[i] - rest * rest;
    }
    result_.gap = result_.objective - dual;
    return active;
  }

  const LassoSolution& result() const { return result_; }

 private:
  std::span<const double> atom(std::size_t k) const { return atoms_.subspan(k * width_, width_); }
  /// Recomputes the residual from the weights, so that rounding does not accumulate.
  void restore_residual() {
    std::ranges::copy(z_, result_.residual.begin());
    for (std::size_t k = 0; k < result_.weights.size(); ++k) {
      const double weight = result_.weights[k];
      if (weight == 0) continue;
      const std::span<const double> c = atom(k);
      for (std::size_t i = 0; i < width_; ++i) result_.residual[i] -= weight * c[i];
    }
  }

  std::span<const double> atoms_, z_;
  double penalty_;
  std::size_t width_;
  std::vector<double> squares_;
  LassoSolution result_;
};

}  // namespace

LassoSolution nonnegative_lasso(std::span<const double> atoms, std::span<const double> z,
                                const LassoOptions& options) {
  if (z.empty() || atoms.empty() || atoms.size() % z.size() != 0) {
    throw Error("lasso", fmt::format("expected atoms of {} values each, got {} values in total",
                                     z.size(), atoms.size()));
  }
  const double size = dot(z, z);
  if (!(options.penalty > 0) || !std::isfinite(options.penalty)) {
    throw Error("penalty", fmt::format("expected a number above 0, got {}", options.penalty));
  }
  if (!std::isfinite(size)) throw Error("lasso", "expected a vector of finite values");
  Descent descent(atoms, z, options.penalty);
  for (;;) {
    const std::vector<std::size_t> active = descent.check_optimality();
    if (descent.result().gap <= options.tolerance * size) return descent.result();
    report_progress(options.progress, "choosing words", descent.result().sweeps,
                    options.most_sweeps);
    if (descent.result().sweeps >= options.most_sweeps) {
      throw Error("lasso", fmt::format("after {} sweeps the duality gap is still {:.1e} of ‖z‖²; "
                                       "a larger penalty makes fewer words compete",
                                       descent.result().sweeps, descent.result().gap / size));
    }
    for (int i = 0; i < kSweepsPerCheck; ++i) {
      if (descent.sweep(active) <= 1e-16 * std::sqrt(size)) break;
    }
  }
}

}  // namespace whyclip
