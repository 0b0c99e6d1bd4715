// LRP-γ and LRP-z⁺ of a linear op against their sums computed term by term.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/scale.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace gamma_test {

using testing::all_close;
using testing::Applied;
using testing::error_of;
using testing::hash_tensor;
using testing::mentions;

constexpr std::int64_t kTargets = 3;
/// Terms of float32 divided by their sum: with γ = 0 nearly all of a sum may cancel, which
/// multiplies its rounding by the ratio of the terms to the sum.
constexpr double kTolerance = 5e-5;

struct Shape {
  std::int64_t rows, inputs, outputs;
  bool biased;
};

/// The expected relevance of the input, (targets × rows, inputs), and of the bias b.
struct Expected {
  std::vector<float> in;
  std::vector<double> additive_term;
};

class LinearTwin : public ::testing::TestWithParam<std::tuple<Shape, const char*>> {
 protected:
  double x(std::int64_t r, std::int64_t i) const {
    return double(applied.in().row(r)[std::size_t(i)]);
  }
  double w(std::int64_t j, std::int64_t i) const {
    return double(weight[std::size_t(j * shape.inputs + i)]);
  }
  double b(std::int64_t j) const { return shape.biased ? double(bias[std::size_t(j)]) : 0.0; }
  double y(std::int64_t r, std::int64_t j) const {
    double sum = b(j);
    for (std::int64_t i = 0; i < shape.inputs; ++i) sum += x(r, i) * w(j, i);
    return sum;
  }

  /// R_i = Σ_j term(r, i, j) / Σ_i' term(r, i', j) R_j, the bias being input −1.
  template <class Term>
  Expected divided(Term term) const {
    Expected result;
    for (std::int64_t row = 0; row < kTargets * shape.rows; ++row) {
      const std::int64_t r = row % shape.rows;
      std::vector<double> in(std::size_t(shape.inputs), 0.0);
      result.additive_term.push_back(0);
      for (std::int64_t j = 0; j < shape.outputs; ++j) {
        double sum = 0;
        for (std::int64_t i = -1; i < shape.inputs; ++i) sum += term(r, i, j);
        if (sum == 0) continue;
        const double part = double(flow.row(row)[std::size_t(j)]) / sum;
        result.additive_term.back() += term(r, -1, j) * part;
        for (std::int64_t i = 0; i < shape.inputs; ++i) {
          in[std::size_t(i)] += term(r, i, j) * part;
        }
      }
      result.in.insert(result.in.end(), in.begin(), in.end());
    }
    return result;
  }

  void expect(const RuleOutput& result, const Expected& expected) const {
    ASSERT_EQ(result.in.size(), 1u);
    EXPECT_TRUE(all_close(result.in[0].values(), expected.in,
                          kTolerance * (1 + testing::largest(expected.in))));
    ASSERT_EQ(result.additive_term.size(), shape.biased ? expected.additive_term.size() : 0u);
    for (std::size_t r = 0; r < result.additive_term.size(); ++r) {
      EXPECT_NEAR(result.additive_term[r], expected.additive_term[r],
                  kTolerance * (1 + testing::largest(expected.in)));
    }
  }

  const Shape shape = std::get<0>(GetParam());
  const std::string seed = std::get<1>(GetParam());
  const std::vector<float> weight =
      hash_tensor(seed + "weight", std::size_t(shape.outputs* shape.inputs), 0, 1);
  const std::vector<float> bias = shape.biased
                                      ? hash_tensor(seed + "bias", std::size_t(shape.outputs), 0, 1)
                                      : std::vector<float>{};
  const Applied applied{
      std::make_shared<Linear>([w = weight] { return w; }, shape.outputs, shape.inputs, bias),
      input()};
  const Tensor flow = applied.flow(kTargets, seed + "flow");

 private:
  std::vector<Tensor> input() const {
    std::vector<Tensor> result;
    result.push_back(testing::random_tensor(seed + "input", shape.rows, shape.inputs));
    result[0].data()[0] = 0;  // a value without a sign
    return result;
  }
};

// Andéol et al. 2021: the terms x_i w_ij with the output's sign are weighted by 1 + γ, and so is a
// bias of that sign.
TEST_P(LinearTwin, GammaWeightsTheTermsWithTheOutputsSign) {
  for (const double value : {0.0, 0.25, 10.0}) {
    const Expected expected = divided([&](std::int64_t r, std::int64_t i, std::int64_t j) {
      const double term = i < 0 ? b(j) : x(r, i) * w(j, i);
      return term * (term * y(r, j) > 0 ? 1 + value : 1.0);
    });
    SCOPED_TRACE(value);
    expect(applied.backward(gamma(value), flow), expected);
  }
}

TEST_P(LinearTwin, GammaOfZeroIsEpsilonWithoutAStabiliser) {
  const RuleOutput of_gamma = applied.backward(gamma(0), flow),
                   of_epsilon = applied.backward(epsilon(1e-9), flow);

  EXPECT_TRUE(all_close(of_gamma.in[0].values(), of_epsilon.in[0].values(),
                        kTolerance * (1 + testing::largest(of_epsilon.in[0].values()))));
}

// Montavon et al. 2017, eq. 17, for inputs of both signs.
TEST_P(LinearTwin, ZPlusCountsPositiveTermsOnly) {
  const Expected expected = divided([&](std::int64_t r, std::int64_t i, std::int64_t j) {
    return std::max(i < 0 ? b(j) : x(r, i) * w(j, i), 0.0);
  });

  expect(applied.backward(z_plus(), flow), expected);
}

// Chefer et al. 2021, eq. 5.
TEST_P(LinearTwin, ZPlusWithoutBiasGivesAllToTheInputs) {
  const Expected expected = divided([&](std::int64_t r, std::int64_t i, std::int64_t j) {
    return i < 0 ? 0.0 : std::max(x(r, i) * w(j, i), 0.0);
  });

  const RuleOutput result = applied.backward(z_plus_without_bias(), flow);

  EXPECT_TRUE(result.additive_term.empty());
  EXPECT_TRUE(all_close(result.in[0].values(), expected.in,
                        kTolerance * (1 + testing::largest(expected.in))));
}

TEST_P(LinearTwin, LargeGammaComesCloseToZPlusWhereOutputsArePositive) {
  Tensor only_positive = flow.clone();
  for (std::int64_t row = 0; row < flow.rows(); ++row) {
    for (std::int64_t j = 0; j < shape.outputs; ++j) {
      if (y(row % shape.rows, j) < 0) only_positive.row(row)[std::size_t(j)] = 0;
    }
  }
  const RuleOutput of_gamma = applied.backward(gamma(1e5), only_positive),
                   of_z_plus = applied.backward(z_plus(), only_positive);

  // The terms of the other sign keep a fraction of 1/γ, and up to 30 times that where the sum is
  // small.
  EXPECT_TRUE(all_close(of_gamma.in[0].values(), of_z_plus.in[0].values(), 1e-3));
}

std::string case_name(const ::testing::TestParamInfo<LinearTwin::ParamType>& case_info) {
  const auto& [shape, seed] = case_info.param;
  return std::to_string(shape.rows) + "x" + std::to_string(shape.inputs) + "to" +
         std::to_string(shape.outputs) + (shape.biased ? "_biased_" : "_") + seed;
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, LinearTwin,
    ::testing::Combine(::testing::Values(Shape{4, 5, 7, true}, Shape{1, 33, 3, true},
                                         Shape{6, 1, 2, true}, Shape{3, 8, 20, false}),
                       ::testing::Values("one", "two", "three")),
    case_name);

/// A linear op of one input of value 1, and one output.
RuleOutput of_one_term(const RulePtr& rule, float weight, std::vector<float> bias) {
  std::vector<Tensor> input;
  input.push_back(Tensor::from(1, 1, std::vector<float>{1}));
  const Applied applied(
      std::make_shared<Linear>([weight] { return std::vector<float>{weight}; }, 1, 1, bias),
      std::move(input));
  return applied.backward(rule, Tensor::from(1, 1, std::vector<float>{12}));
}

TEST(Gamma, DividesAnOutputBetweenInputAndBiasAsComputedByHand) {
  // y = 3 − 1 > 0: 3 has weight 1.5 and −1 weight 1: 4.5 / 3.5 and −1 / 3.5 of 12.
  const RuleOutput positive = of_one_term(gamma(0.5), 3, {-1});
  EXPECT_FLOAT_EQ(positive.in[0].row(0)[0], 12 * 4.5f / 3.5f);
  EXPECT_NEAR(positive.additive_term[0], -12 / 3.5, 1e-6);
  // y = −3 + 1 < 0: the same with opposite signs.
  const RuleOutput negative = of_one_term(gamma(0.5), -3, {1});
  EXPECT_FLOAT_EQ(negative.in[0].row(0)[0], 12 * 4.5f / 3.5f);
  EXPECT_NEAR(negative.additive_term[0], -12 / 3.5, 1e-6);
}

TEST(ZPlus, LosesTheRelevanceOfAnOutputWithoutPositiveTerms) {
  const RuleOutput result = of_one_term(z_plus(), -3, {-1});

  EXPECT_EQ(result.in[0].row(0)[0], 0.0f);
  EXPECT_EQ(result.additive_term[0], 0.0);
}

TEST(GammaAndZPlus, RefuseOtherOpsByName) {
  std::vector<Tensor> input;
  input.push_back(testing::random_tensor("input", 2, 3));
  const Applied applied(std::make_shared<Scale>(2.0f), std::move(input));
  const Tensor flow = applied.flow(1);

  EXPECT_TRUE(mentions(error_of([&] { applied.backward(gamma(0.25), flow); }),
                       {"gamma 0.25", "linear", "scale"}));
  EXPECT_TRUE(
      mentions(error_of([&] { applied.backward(z_plus(), flow); }), {"z_plus", "linear", "scale"}));
}

TEST(Gamma, RefusesNegativeAndNonFiniteValues) {
  for (const double value : {-0.1, double(NAN), double(INFINITY)}) {
    EXPECT_TRUE(mentions(error_of([&] { gamma(value); }), {"gamma", "0 or more"})) << value;
  }
}

}  // namespace gamma_test
}  // namespace whyclip
