// The forward-only rules against their sums computed term by term.

#include "whyclip/rules/forward_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "tests/unit/rules/dense_cases.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace forward_rules_test {

using testing::all_close;
using testing::Applied;
using testing::Dense;
using testing::dense_cases;
using testing::DenseCase;
using testing::DenseMaps;
using testing::error_of;
using testing::mentions;

/// Sums of at most 33 products of values of the order of 1, and gains of at most 4.
constexpr double kTolerance = 1e-5;
constexpr std::size_t kSources = 4;

class ForwardTwin : public ::testing::TestWithParam<std::tuple<std::size_t, const char*>> {
 protected:
  ForwardTwin() {
    for (std::size_t k = 0; k < applied.input_count(); ++k) {
      inputs.push_back(reference::matrix_of<double>(applied.in(k)));
      contributions.push_back(
          applied.contributions(k, std::int64_t(kSources), seed + "contributions"));
    }
    maps = test_case.maps(seed, inputs);
  }

  /// One source's Σ_k map_k · contribution_k, without an additive term.
  std::vector<double> linear_part(std::size_t source) const {
    std::vector<Dense> of_source;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      of_source.push_back(inputs[k]);
      of_source[k].values = contribution(k, source);
    }
    return testing::output_of({maps.of_input, std::vector<double>(maps.additive_term.size(), 0.0)},
                              of_source);
  }

  std::vector<double> contribution(std::size_t k, std::size_t source) const {
    const std::size_t size = inputs[k].values.size();
    const auto values = contributions[k].values().subspan(source * size, size);
    return {values.begin(), values.end()};
  }

  bool is(OpKind kind) const { return applied.op().kind() == kind; }

  void expect_equal(const Tensor& actual, const std::vector<std::vector<double>>& expected) const {
    for (std::size_t s = 0; s < kSources; ++s) {
      const std::vector<float> values(expected[s].begin(), expected[s].end());
      ASSERT_EQ(actual.size(), kSources * values.size());
      EXPECT_TRUE(all_close(actual.values().subspan(s * values.size(), values.size()), values,
                            kTolerance * (1 + testing::largest(values))))
          << "source " << s;
    }
  }

  const DenseCase& test_case = dense_cases()[std::get<0>(GetParam())];
  const std::string seed = std::get<1>(GetParam());
  const Applied applied{test_case.op(seed), test_case.inputs(seed)};
  std::vector<Dense> inputs;
  std::vector<Tensor> contributions;
  DenseMaps maps;
};

// Modarressi et al. 2023, eq. 9 in its AbsDot form: source k of a row gets b · |b·y_k| / Σ_j
// |b·y_j|.
TEST_P(ForwardTwin, SharedAdditiveTermsFollowTheAbsoluteInnerProducts) {
  std::vector<std::vector<double>> expected;
  for (std::size_t s = 0; s < kSources; ++s) expected.push_back(linear_part(s));
  const auto width = std::size_t(applied.out().width());
  if (!is(OpKind::kPrepend) && !is(OpKind::kAddRows)) {
    for (std::size_t row = 0; row < maps.additive_term.size() / width; ++row) {
      std::vector<double> weights(kSources, 0.0);
      double total = 0;
      for (std::size_t s = 0; s < kSources; ++s) {
        for (std::size_t c = row * width; c < (row + 1) * width; ++c) {
          weights[s] += maps.additive_term[c] * expected[s][c];
        }
        total += std::abs(weights[s]);
      }
      for (std::size_t s = 0; s < kSources && total > 0; ++s) {
        for (std::size_t c = row * width; c < (row + 1) * width; ++c) {
          expected[s][c] += std::abs(weights[s]) / total * maps.additive_term[c];
        }
      }
    }
  }

  expect_equal(applied.propagate_forward(shared_additive_terms(), contributions), expected);
}

/// u · gate(u)
double activated(ActivationKind kind, double u) {
  return u * (kind == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
              : kind == ActivationKind::kGelu    ? reference::gelu_gate(u)
                                                 : reference::gelu_tanh_gate(u));
}

// Murdoch et al. 2018, Singh et al. 2019, Hsu et al. 2024.
TEST_P(ForwardTwin, ContextualSplitsEachSourceFromTheRest) {
  std::vector<std::vector<double>> expected;
  const DenseMaps plain{maps.of_input, std::vector<double>(maps.additive_term.size(), 0.0)};
  const std::vector<double> whole = testing::output_of(plain, inputs);
  for (std::size_t s = 0; s < kSources; ++s) {
    expected.push_back(linear_part(s));
    const std::vector<double> own = contribution(0, s);
    for (std::size_t i = 0; i < expected[s].size(); ++i) {
      double& value = expected[s][i];
      if (is(OpKind::kActivation)) {
        const auto kind = static_cast<const Activation&>(applied.op()).function();
        const double x = inputs[0].values[i];
        value = activated(kind, x) - activated(kind, x - own[i]);
      } else if (is(OpKind::kLinear)) {
        const double own_size = std::abs(value), rest = std::abs(whole[i] - value);
        value += own_size / (own_size + rest) * maps.additive_term[i];
      } else if (is(OpKind::kLayerNorm)) {
        const double own_size = std::abs(own[i]), rest = std::abs(inputs[0].values[i] - own[i]);
        value += own_size / (own_size + rest) * maps.additive_term[i];
      }
    }
  }

  expect_equal(applied.propagate_forward(contextual(), contributions), expected);
}

TEST_P(ForwardTwin, ContextualContributionsOfOneSourceDoNotDependOnTheOthers) {
  std::vector<Tensor> alone;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::size_t size = inputs[k].values.size();
    alone.push_back(Tensor::from(applied.in(k).rows(), applied.in(k).width(),
                                 contributions[k].values().subspan(2 * size, size)));
  }
  const Tensor together = applied.propagate_forward(contextual(), contributions),
               one = applied.propagate_forward(contextual(), alone);

  EXPECT_TRUE(all_close(one.values(), together.values().subspan(2 * one.size(), one.size()), 0));
}

std::string case_name(const ::testing::TestParamInfo<ForwardTwin::ParamType>& case_info) {
  return dense_cases()[std::get<0>(case_info.param)].name + "_" + std::get<1>(case_info.param);
}

INSTANTIATE_TEST_SUITE_P(All, ForwardTwin,
                         ::testing::Combine(::testing::Range(std::size_t{0}, dense_cases().size()),
                                            ::testing::Values("one", "two", "three")),
                         case_name);

/// A linear op from one value to two, y = (x, 2x) + (3, −1).
class OneToTwo : public ::testing::Test {
 protected:
  static std::vector<Tensor> tensor(std::int64_t rows, std::vector<float> values) {
    std::vector<Tensor> result;
    result.push_back(Tensor::from(rows, 1, values));
    return result;
  }
  const Applied applied{std::make_shared<Linear>(
                            [] {
                              return std::vector<float>{1, 2};
                            },
                            2, 1, std::vector<float>{3, -1}),
                        tensor(1, {4})};
};

TEST_F(OneToTwo, DividesTheAdditiveTermAsComputedByHand) {
  // The sources contribute (3, 6) and (1, 2): b · y = 3 and 1, so 3/4 and 1/4 of b.
  EXPECT_TRUE(
      all_close(applied.propagate_forward(shared_additive_terms(), tensor(2, {3, 1})).values(),
                std::vector<float>{3 + 2.25f, 6 - 0.75f, 1 + 0.75f, 2 - 0.25f}, 1e-6));
}

TEST_F(OneToTwo, DividesTheAdditiveTermEquallyIfAllSourcesAreOrthogonalToIt) {
  EXPECT_TRUE(
      all_close(applied.propagate_forward(shared_additive_terms(), tensor(3, {0, 0, 0})).values(),
                std::vector<float>{1, -1 / 3.0f, 1, -1 / 3.0f, 1, -1 / 3.0f}, 1e-6));
}

TEST(SharedAdditiveTerms, MakeContributionsSumToTheWholeOutput) {
  const DenseCase& linear = dense_cases()[0];
  const Applied applied{linear.op("one"), linear.inputs("one")};
  std::vector<Tensor> contributions;
  contributions.push_back(applied.contributions(0, 2));
  const std::size_t size = applied.in().size();
  for (std::size_t i = 0; i < size; ++i) {
    contributions[0].data()[size + i] = applied.in().data()[i] - contributions[0].data()[i];
  }
  const Tensor propagated = applied.propagate_forward(shared_additive_terms(), contributions);
  std::vector<float> sum;
  for (std::size_t i = 0; i < applied.out().size(); ++i) {
    sum.push_back(propagated.data()[i] + propagated.data()[applied.out().size() + i]);
  }

  EXPECT_TRUE(all_close(sum, applied.out().values(), kTolerance));
}

TEST(ForwardRules, DeclareRedistributedAdditiveTermsAndDirections) {
  const auto table = std::make_shared<const Tensor>(testing::random_tensor("table", 1, 3));
  const AddRows positions(table, {0});
  const Prepend token(table, 4);
  const Linear linear([] { return std::vector<float>(1, 1.0f); }, 1, 1, {1});

  EXPECT_TRUE(shared_additive_terms()->redistributes_additive_term(linear));
  EXPECT_FALSE(shared_additive_terms()->redistributes_additive_term(positions));
  EXPECT_FALSE(shared_additive_terms()->redistributes_additive_term(token));
  EXPECT_TRUE(contextual()->redistributes_additive_term(linear));
  EXPECT_FALSE(contextual()->redistributes_additive_term(positions));
  EXPECT_TRUE(shared_additive_terms()->needs_all_sources());
  EXPECT_FALSE(contextual()->needs_all_sources());
  EXPECT_FALSE(shared_additive_terms()->supports_backward());
  EXPECT_FALSE(contextual()->supports_backward());
  EXPECT_TRUE(frozen_gains()->supports_backward());
}

TEST(ForwardRules, RefuseABackwardPass) {
  std::vector<Tensor> input;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied scale(std::make_shared<Scale>(2.0f), std::move(input));
  for (const RulePtr& rule : {shared_additive_terms(), contextual()}) {
    EXPECT_TRUE(mentions(error_of([&] { scale.backward(rule, scale.flow(1)); }),
                         {rule->name(), "only the forward direction", "scale"}));
  }
}

TEST(Contextual, RefusesContributionsOfAnotherWidth) {
  std::vector<Tensor> input, contributions;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied applied(std::make_shared<Activation>(ActivationKind::kGelu), std::move(input));
  contributions.push_back(testing::random_tensor("contributions", 3, 5));

  EXPECT_TRUE(mentions(error_of([&] { applied.propagate_forward(contextual(), contributions); }),
                       {"contributions", "rows of 4", "rows of 5"}));
}

}  // namespace forward_rules_test
}  // namespace whyclip
