// The relevance rules other than ε, γ and z⁺, against their sums computed term by term.

#include "whyclip/rules/relevance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "tests/unit/rules/attention_cases.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace relevance_test {

using testing::all_close;
using testing::Applied;
using testing::error_of;
using testing::kAttentionWidth;
using testing::kHeads;
using testing::kHeadWidth;
using testing::mask_cases;
using testing::MaskCase;
using testing::mentions;
using Rows = reference::Matrix<double>;

constexpr std::int64_t kTargets = 3;
constexpr double kEpsilon = 0.05;
/// Rounding of a divisor, multiplied by as much as 1/ε.
constexpr double kTolerance = 1e-5;

double stabilised(double y) { return y + (y < 0 ? -kEpsilon : kEpsilon); }

class AttentionTwin : public ::testing::TestWithParam<std::tuple<std::size_t, const char*>> {
 protected:
  void expect_part(const Tensor& actual, const Rows& expected, std::int64_t target) const {
    const std::vector<float> values = reference::floats_of(expected);
    EXPECT_TRUE(
        all_close(actual.values().subspan(std::size_t(target) * values.size(), values.size()),
                  values, kTolerance * (1 + testing::largest(values))))
        << "target " << target;
  }

  const MaskCase& mask_case = mask_cases()[std::get<0>(GetParam())];
  const std::string seed = std::get<1>(GetParam());
};

// Achtibat et al. 2024, prop. 3.3: each factor of a term gets half of the term's relevance.
TEST_P(AttentionTwin, UniformHalvesTheTermsOfTheScores) {
  const Applied applied(std::make_shared<AttentionScores>(mask_case.mask, kHeads),
                        testing::score_inputs(mask_case, seed));
  const Rows q = reference::matrix_of<double>(applied.in(0)),
             k = reference::matrix_of<double>(applied.in(1)),
             scores = reference::attention_scores(mask_case.groups, kHeads, q, k);
  const Tensor flow = testing::random_rows(mask_case, seed + "flow", kTargets);
  const RuleOutput result = applied.backward(uniform(kEpsilon), flow);
  for (std::int64_t t = 0; t < kTargets; ++t) {
    const Rows relevance = testing::stack_of(flow, scores.rows, t);
    Rows of_q(q.rows, q.width), of_k(k.rows, k.width);
    reference::each_score_row(
        mask_case.groups, kHeads, [&](const auto& group, auto head, auto query, auto row) {
          for (std::size_t j = 0; j < group.keys.size(); ++j) {
            const auto position = std::int64_t(j);
            for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
              const double term =
                  q.at(query, c) * k.at(group.keys[j], c) / std::sqrt(double(kHeadWidth));
              const double half =
                  0.5 * term / stabilised(scores.at(row, position)) * relevance.at(row, position);
              of_q.at(query, c) += half;
              of_k.at(group.keys[j], c) += half;
            }
          }
        });
    expect_part(result.in[0], of_q, t);
    expect_part(result.in[1], of_k, t);
  }
  EXPECT_TRUE(result.additive_term.empty());
}

TEST_P(AttentionTwin, UniformHalvesTheTermsOfTheMix) {
  const Applied applied(std::make_shared<AttentionMix>(mask_case.mask, kHeads),
                        testing::mix_inputs(mask_case, seed));
  const Rows pattern = reference::matrix_of<double>(applied.in(0)),
             v = reference::matrix_of<double>(applied.in(1)),
             z = reference::attention_mix(mask_case.groups, kHeads, pattern, v);
  const Tensor flow = applied.flow(kTargets, seed + "flow");
  const RuleOutput result = applied.backward(uniform(kEpsilon), flow);
  for (std::int64_t t = 0; t < kTargets; ++t) {
    const Rows relevance = testing::stack_of(flow, z.rows, t);
    Rows of_pattern(pattern.rows, pattern.width), of_v(v.rows, v.width);
    reference::each_score_row(
        mask_case.groups, kHeads, [&](const auto& group, auto head, auto query, auto row) {
          for (std::size_t j = 0; j < group.keys.size(); ++j) {
            for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
              const double term = pattern.at(row, std::int64_t(j)) * v.at(group.keys[j], c);
              const double half = 0.5 * term / stabilised(z.at(query, c)) * relevance.at(query, c);
              of_pattern.at(row, std::int64_t(j)) += half;
              of_v.at(group.keys[j], c) += half;
            }
          }
        });
    expect_part(result.in[0], of_pattern, t);
    expect_part(result.in[1], of_v, t);
  }
}

/// The parts of two inputs scaled to |Σ part| / (|Σ u| + |Σ v|) of Σ relevance each (Chefer et al.
/// 2021, eq. 9).
void balance(const Rows& relevance, Rows& u, Rows& v) {
  double whole = 0, of_u = 0, of_v = 0;
  for (const double value : relevance.values) whole += value;
  for (const double value : u.values) of_u += value;
  for (const double value : v.values) of_v += value;
  const double size = std::abs(of_u) + std::abs(of_v);
  for (double& value : u.values) value *= whole * std::abs(of_u) / size / of_u;
  for (double& value : v.values) value *= whole * std::abs(of_v) / size / of_v;
}

TEST_P(AttentionTwin, BalancedScalesBothFactorsOfTheScoresToTheirSums) {
  const Applied applied(std::make_shared<AttentionScores>(mask_case.mask, kHeads),
                        testing::score_inputs(mask_case, seed));
  const Rows q = reference::matrix_of<double>(applied.in(0)),
             k = reference::matrix_of<double>(applied.in(1)),
             scores = reference::attention_scores(mask_case.groups, kHeads, q, k);
  const Tensor flow = testing::random_rows(mask_case, seed + "flow", kTargets);
  const RuleOutput result = applied.backward(balanced(kEpsilon), flow);
  for (std::int64_t t = 0; t < kTargets; ++t) {
    const Rows relevance = testing::stack_of(flow, scores.rows, t);
    Rows of_q(q.rows, q.width), of_k(k.rows, k.width);
    reference::each_score_row(
        mask_case.groups, kHeads, [&](const auto& group, auto head, auto query, auto row) {
          for (std::size_t j = 0; j < group.keys.size(); ++j) {
            const auto position = std::int64_t(j);
            for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
              const double part =
                  q.at(query, c) * k.at(group.keys[j], c) / std::sqrt(double(kHeadWidth)) /
                  stabilised(scores.at(row, position)) * relevance.at(row, position);
              of_q.at(query, c) += part;
              of_k.at(group.keys[j], c) += part;
            }
          }
        });
    balance(relevance, of_q, of_k);
    expect_part(result.in[0], of_q, t);
    expect_part(result.in[1], of_k, t);
  }
}

// Achtibat et al. 2024, prop. 3.1: R_i = x_i (R_i − p_i Σ_j R_j).
TEST_P(AttentionTwin, SoftmaxTaylorFollowsItsFormula) {
  const Applied applied(std::make_shared<Softmax>(mask_case.mask, kHeads),
                        testing::softmax_inputs(mask_case, seed));
  const Rows x = reference::matrix_of<double>(applied.in()),
             p = reference::attention_softmax(mask_case.groups, kHeads, x);
  const Tensor flow = testing::random_rows(mask_case, seed + "flow", kTargets);
  const RuleOutput result = applied.backward(softmax_taylor(), flow);
  for (std::int64_t t = 0; t < kTargets; ++t) {
    const Rows relevance = testing::stack_of(flow, x.rows, t);
    Rows expected(x.rows, x.width);
    for (std::int64_t r = 0; r < x.rows; ++r) {
      double sum = 0;
      for (std::int64_t j = 0; j < x.width; ++j) sum += relevance.at(r, j);
      for (std::int64_t j = 0; j < x.width; ++j) {
        expected.at(r, j) = x.at(r, j) * (relevance.at(r, j) - p.at(r, j) * sum);
      }
    }
    expect_part(result.in[0], expected, t);
  }
}

std::string case_name(const ::testing::TestParamInfo<AttentionTwin::ParamType>& case_info) {
  return std::string(mask_cases()[std::get<0>(case_info.param)].name) + "_" +
         std::get<1>(case_info.param);
}

INSTANTIATE_TEST_SUITE_P(Masks, AttentionTwin,
                         ::testing::Combine(::testing::Range(std::size_t{0}, mask_cases().size()),
                                            ::testing::Values("one", "two", "three")),
                         case_name);

TEST(Uniform, DividesAScoreAsComputedByHand) {
  std::vector<Tensor> inputs;
  inputs.push_back(Tensor::from(1, 1, std::vector<float>{2}));
  inputs.push_back(Tensor::from(1, 1, std::vector<float>{3}));
  const Applied applied(std::make_shared<AttentionScores>(AttentionMask::full(1, 1), 1),
                        std::move(inputs));

  const RuleOutput result =
      applied.backward(uniform(2), Tensor::from(1, 1, std::vector<float>{16}));

  // 2 · 3 / (6 + 2) · 16 = 12, half of it to each.
  EXPECT_FLOAT_EQ(result.in[0].row(0)[0], 6.0f);
  EXPECT_FLOAT_EQ(result.in[1].row(0)[0], 6.0f);
}

/// The result of the rule for x + y, one value each, with relevance 12 at the sum.
RuleOutput of_a_sum(float x, float y) {
  std::vector<Tensor> inputs;
  for (const float value : {x, y}) inputs.push_back(Tensor::from(1, 1, std::vector<float>{value}));
  const Applied applied(std::make_shared<Add>(), std::move(inputs));
  return applied.backward(balanced(1e-9), Tensor::from(1, 1, std::vector<float>{12}));
}

TEST(Balanced, DividesASumAsComputedByHand) {
  // 3/4 and 1/4 of 12; both sums are positive, so the scale factors are 1.
  const RuleOutput plain = of_a_sum(3, 1);
  EXPECT_FLOAT_EQ(plain.in[0].row(0)[0], 9.0f);
  EXPECT_FLOAT_EQ(plain.in[1].row(0)[0], 3.0f);
  // 3/2 and −1/2 of 12 are 18 and −6; scaled by size they become 18/24 and 6/24 of 12.
  const RuleOutput opposed = of_a_sum(3, -1);
  EXPECT_FLOAT_EQ(opposed.in[0].row(0)[0], 9.0f);
  EXPECT_FLOAT_EQ(opposed.in[1].row(0)[0], 3.0f);
  // An input of zero gets no relevance.
  const RuleOutput single = of_a_sum(0, 5);
  EXPECT_EQ(single.in[0].row(0)[0], 0.0f);
  EXPECT_FLOAT_EQ(single.in[1].row(0)[0], 12.0f);
}

class IdentityOps : public ::testing::TestWithParam<int> {
 protected:
  static OpPtr op() {
    switch (GetParam()) {
      case 0:
        return std::make_shared<Activation>(ActivationKind::kGelu);
      case 1:
        return std::make_shared<LayerNorm>(std::vector<float>(4, 2.0f), std::vector<float>(4, 1.0f),
                                           1e-5f);
      case 2:
        return std::make_shared<Normalise>();
      default:
        return std::make_shared<Scale>(7.0f);
    }
  }
};

TEST_P(IdentityOps, PassRelevanceUnchanged) {
  std::vector<Tensor> input;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied applied(op(), std::move(input));
  const Tensor flow = applied.flow(kTargets);

  const RuleOutput result = applied.backward(identity(), flow);

  ASSERT_EQ(result.in.size(), 1u);
  EXPECT_EQ(result.in[0].rows(), flow.rows());
  EXPECT_TRUE(all_close(result.in[0].values(), flow.values(), 0));
  EXPECT_TRUE(result.additive_term.empty());
}

INSTANTIATE_TEST_SUITE_P(All, IdentityOps, ::testing::Range(0, 4));

TEST(RelevanceRules, RefuseUnsupportedOps) {
  std::vector<Tensor> input;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied linear(std::make_shared<Linear>([] { return std::vector<float>(8, 1.0f); }, 2, 4,
                                                std::vector<float>{}),
                       std::move(input));
  for (const auto& [rule, name] : {std::pair{identity(), "identity"},
                                   {uniform(1), "uniform 1"},
                                   {balanced(1), "balanced 1"},
                                   {softmax_taylor(), "softmax_taylor"}}) {
    EXPECT_TRUE(
        mentions(error_of([&] { linear.backward(rule, linear.flow(1)); }), {name, "linear"}));
  }
}

TEST(RelevanceRules, RefuseTheForwardDirection) {
  std::vector<Tensor> input, contributions;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied scale(std::make_shared<Scale>(2.0f), std::move(input));
  contributions.push_back(scale.contributions(0, 2));
  for (const RulePtr& rule : {epsilon(1), gamma(1), z_plus(), z_plus_without_bias(), identity(),
                              uniform(1), balanced(1), softmax_taylor(), derivative()}) {
    EXPECT_TRUE(mentions(error_of([&] { scale.propagate_forward(rule, contributions); }),
                         {rule->name(), "only the backward direction", "scale"}));
  }
}

TEST(RelevanceRules, RefuseFlowOfAnotherWidth) {
  std::vector<Tensor> input;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied scale(std::make_shared<Scale>(2.0f), std::move(input));
  const Tensor narrow = testing::random_tensor("flow", 3, 3);
  for (const RulePtr& rule : {epsilon(1), identity()}) {
    EXPECT_TRUE(mentions(error_of([&] { scale.backward(rule, narrow); }), {"rows of 4", "of 3"}));
  }
}

TEST(RelevanceRules, SupportRelevanceOnly) {
  for (const RulePtr& rule : {epsilon(1), gamma(1), z_plus(), z_plus_without_bias(), identity(),
                              uniform(1), balanced(1), softmax_taylor()}) {
    EXPECT_TRUE(rule->supports(Quantity::kRelevance)) << rule->name();
    EXPECT_FALSE(rule->supports(Quantity::kGradient)) << rule->name();
  }
}

TEST(UniformAndBalanced, RefuseAStabiliserThatDoesNotStabilise) {
  for (const double value : {0.0, -1.0, double(NAN)}) {
    EXPECT_TRUE(mentions(error_of([&] { uniform(value); }), {"uniform", "above 0"})) << value;
    EXPECT_TRUE(mentions(error_of([&] { balanced(value); }), {"balanced", "above 0"})) << value;
  }
}

}  // namespace relevance_test
}  // namespace whyclip
