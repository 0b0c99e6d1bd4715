// Bottlenecks in the residual stream against a float64 reference.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/core/random.h"

namespace whyclip {
namespace bottleneck_test {

using testing::real_parts;
using testing::replacing;
using testing::Tower;
using testing::without_class;

using Bottlenecks = testing::MethodsOfTiny;

constexpr std::size_t kWidth = 24, kTokens = Tower::kTokens;

/// Sums over the channels of each token.
std::vector<double> by_token(const std::vector<double>& values) {
  std::vector<double> sums(kTokens, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i / kWidth] += values[i];
  return sums;
}

/// x · mean of the gradients at x i/n, i = 1 … n.
std::vector<double> narrowed(const Tower& tower, const std::string& point, int steps) {
  const std::vector<double> x = real_parts(tower.value(point));
  std::vector<double> contributions(x.size(), 0.0);
  for (int i = 1; i <= steps; ++i) {
    std::vector<double> narrow = x;
    for (double& v : narrow) v *= double(i) / steps;
    const std::vector<double> g = tower.gradient(point, replacing(point, narrow));
    for (std::size_t j = 0; j < x.size(); ++j) contributions[j] += x[j] * g[j] / steps;
  }
  return contributions;
}

TEST_F(Bottlenecks, NibIsTheStreamTimesItsMeanGradientAlongThePath) {
  EXPECT_TRUE(same_map(patches("nib", {{"steps", "4"}}),
                       without_class(by_token(narrowed(tower, "ln_pre", 4)))));
}

TEST_F(Bottlenecks, NibBeforeTheLastBlockIsSmallBecauseTheLayerNormIsScaleInvariant) {
  std::vector<double> contributions = narrowed(tower, "blocks.0.resid_post", 4);
  const std::vector<float> expected = without_class(by_token(contributions));
  for (double& v : contributions) v = std::abs(v);
  // A token's contributions cancel, so the tolerance is relative to their absolute sum.
  const double size = testing::largest(without_class(by_token(contributions)));
  EXPECT_LT(testing::largest(expected), 0.01 * size);
  EXPECT_TRUE(testing::all_close(patches("nib", {{"last", "1"}, {"steps", "4"}}), expected,
                                 kTolerance * size));
}

TEST_F(Bottlenecks, NibAssignsTheClassTokenAndTheZeroStreamToElsewhere) {
  const std::vector<double> tokens = by_token(narrowed(tower, "ln_pre", 10));
  const double empty_value =
      tower.score(replacing("ln_pre", std::vector<double>(kTokens * kWidth, 0.0))).real();
  const Attribution result = attribution("nib");
  EXPECT_NEAR(*result.elsewhere, empty_value + tokens[0], kTolerance * std::abs(empty_value));
  EXPECT_NEAR(*result.total, tower.score().real(), kTolerance * std::abs(*result.total));
}

/// λ x + (1 − λ) ε, λ = σ(α).
double masked(double alpha, double x, double noise) {
  const double kept = 1 / (1 + std::exp(-alpha));
  return kept * x + (1 - kept) * noise;
}

/// KL(N(λ x, (1 − λ)²) ‖ N(0, 1)), as in the authors' code.
double information(double alpha, double x) {
  const double kept = 1 / (1 + std::exp(-alpha)), mean = kept * x,
               variance = (1 - kept) * (1 - kept);
  return -0.5 * (1 + std::log(variance) - mean * mean - variance);
}

/// Derivative of f at x by central differences; relative error about 1e-9.
template <class F>
double slope(F f, double x) {
  constexpr double kStep = 1e-5;
  return (f(x + kStep) - f(x - kStep)) / (2 * kStep);
}

/// Two copies with noise of seed 7, Adam at rate 0.5, before the last block.
std::vector<float> bottleneck(const Tower& tower, double beta, int steps) {
  constexpr int kCopies = 2;
  constexpr double kRate = 0.5;
  const std::string point = "blocks.0.resid_post";
  const std::vector<double> x = real_parts(tower.value(point));
  double length = 0;
  const std::vector<Target> targets = testing::tiny_targets();
  for (const float d : targets[0].direction) length += double(d) * double(d);
  length = std::sqrt(length);
  std::vector<double> alpha(x.size(), 5.0), first(x.size(), 0.0), second(x.size(), 0.0);
  for (int step = 1; step < steps; ++step) {
    std::vector<double> loss(x.size(), 0.0);  // gradient with respect to α
    for (int copy = 0; copy < kCopies; ++copy) {
      const std::vector<double> noise =
          normal_values(7, std::uint64_t((step - 1) * kCopies + copy), x.size());
      std::vector<double> input;
      for (std::size_t i = 0; i < x.size(); ++i) input.push_back(masked(alpha[i], x[i], noise[i]));
      const std::vector<double> g = tower.gradient(point, replacing(point, input));
      for (std::size_t i = 0; i < x.size(); ++i) {
        loss[i] -= g[i] / length / kCopies *
                   slope([&](double a) { return masked(a, x[i], noise[i]); }, alpha[i]);
      }
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      loss[i] +=
          beta / double(x.size()) * slope([&](double a) { return information(a, x[i]); }, alpha[i]);
      first[i] = 0.9 * first[i] + 0.1 * loss[i];
      second[i] = 0.999 * second[i] + 0.001 * loss[i] * loss[i];
      alpha[i] -= kRate * first[i] / (1 - std::pow(0.9, step)) /
                  (std::sqrt(second[i] / (1 - std::pow(0.999, step))) + 1e-8);
    }
  }
  std::vector<double> result;
  for (std::size_t i = 0; i < x.size(); ++i) result.push_back(information(alpha[i], x[i]));
  return without_class(by_token(result));
}

TEST_F(Bottlenecks, M2ibIsTheInformationInTheOptimisedBottleneck) {
  // Adam's first step depends only on the gradient's sign. Later steps divide a gradient by its
  // magnitude; where the two terms of the loss nearly cancel, few float32 digits remain.
  constexpr double kLaterSteps = 5e-3;
  for (const auto& [beta, steps, tolerance] :
       {std::tuple{0.3, 2, kTolerance}, {0.3, 4, kLaterSteps}, {30.0, 4, 10 * kTolerance}}) {
    const std::vector<float> expected = bottleneck(tower, beta, steps);
    EXPECT_TRUE(testing::all_close(patches("m2ib", {{"last", "1"},
                                                    {"beta", std::to_string(beta)},
                                                    {"rate", "0.5"},
                                                    {"steps", std::to_string(steps)},
                                                    {"copies", "2"},
                                                    {"seed", "7"}}),
                                   expected, tolerance * testing::largest(expected)))
        << beta << " " << steps;
  }
}

TEST_F(Bottlenecks, M2ibDoesNotDependOnTheNumberOfThreads) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  const Clip single = Clip::open(folder.path(), {.threads = 1, .cache = {}});
  ExplanationContext other(single, testing::tiny_image(), testing::tiny_targets()[0]);
  const Method& method = find_method("m2ib");
  EXPECT_EQ(method.run(other, MethodSettings(method.info), {}).patches, patches("m2ib"));
  EXPECT_NE(patches("m2ib", {{"seed", "1"}}), patches("m2ib"));
}

TEST_F(Bottlenecks, M2ibTransmitsMoreInformationForASmallerBeta) {
  const auto sum = [](const std::vector<float>& map) {
    double result = 0;
    for (const float v : map) result += double(v);
    return result;
  };
  EXPECT_GT(sum(patches("m2ib", {{"beta", "0.001"}})), 2 * sum(patches("m2ib", {{"beta", "10"}})));
}

}  // namespace bottleneck_test
}  // namespace whyclip
