// The query–key path against its sums computed term by term, in both directions.

#include "whyclip/rules/query_key.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "tests/unit/rules/attention_cases.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace query_key_test {

using testing::all_close;
using testing::Applied;
using testing::error_of;
using testing::kAttentionWidth;
using testing::kHeads;
using testing::kHeadWidth;
using testing::mask_cases;
using testing::MaskCase;
using testing::mentions;
using testing::stack_of;
using Rows = reference::Matrix<double>;

constexpr std::int64_t kStacks = 3;
/// A few hundred float32 operations on values of the order of 1.
constexpr double kTolerance = 5e-6;

class QueryKeyTwin : public ::testing::TestWithParam<std::tuple<std::size_t, const char*>> {
 protected:
  void expect_part(const Tensor& actual, const Rows& expected, std::int64_t stack) const {
    const std::vector<float> values = reference::floats_of(expected);
    ASSERT_EQ(actual.size(), std::size_t(kStacks) * values.size());
    EXPECT_TRUE(
        all_close(actual.values().subspan(std::size_t(stack) * values.size(), values.size()),
                  values, kTolerance * (1 + testing::largest(values))))
        << "stack " << stack;
  }

  std::vector<Tensor> contributions_of(const Applied& applied) const {
    std::vector<Tensor> result;
    for (std::size_t k = 0; k < applied.input_count(); ++k) {
      result.push_back(applied.contributions(k, kStacks, seed + "contributions"));
    }
    return result;
  }

  static Rows half_sum(Rows a, const Rows& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      a.values[i] = 0.5 * (a.values[i] + b.values[i]);
    }
    return a;
  }

  /// ⟨flow, propagate_forward(contributions)⟩ = ⟨backward(flow), contributions⟩ for each target and
  /// each source.
  void expect_transposed(const Applied& applied, const Tensor& flow,
                         const std::vector<Tensor>& contributions) const {
    const Tensor propagated = applied.propagate_forward(rule, contributions);
    const RuleOutput result = applied.backward(rule, flow);
    const std::size_t out = applied.out().size();
    for (std::size_t t = 0; t < std::size_t(kStacks); ++t) {
      for (std::size_t s = 0; s < std::size_t(kStacks); ++s) {
        double expected = 0;
        for (std::size_t k = 0; k < applied.input_count(); ++k) {
          const std::size_t size = applied.in(k).size();
          expected += kernels::dot(result.in[k].data() + t * size,
                                   contributions[k].data() + s * size, std::int64_t(size));
        }
        EXPECT_NEAR(
            kernels::dot(flow.data() + t * out, propagated.data() + s * out, std::int64_t(out)),
            expected, 1e-5 * (1 + std::abs(expected)));
      }
    }
  }

  const MaskCase& mask_case = mask_cases()[std::get<0>(GetParam())];
  const std::string seed = std::get<1>(GetParam());
  const RulePtr rule = query_key(8);
};

TEST_P(QueryKeyTwin, PropagatesHalfOfEachFactorsContributionToTheScores) {
  const Applied applied(std::make_shared<AttentionScores>(mask_case.mask, kHeads),
                        testing::score_inputs(mask_case, seed));
  const Rows q = reference::matrix_of<double>(applied.in(0)),
             k = reference::matrix_of<double>(applied.in(1));
  const std::vector<Tensor> contributions = contributions_of(applied);
  const Tensor propagated = applied.propagate_forward(rule, contributions);
  for (std::int64_t s = 0; s < kStacks; ++s) {
    const Rows of_q = stack_of(contributions[0], q.rows, s),
               of_k = stack_of(contributions[1], k.rows, s);
    expect_part(propagated,
                half_sum(reference::attention_scores(mask_case.groups, kHeads, of_q, k),
                         reference::attention_scores(mask_case.groups, kHeads, q, of_k)),
                s);
  }
}

TEST_P(QueryKeyTwin, PropagatesHalfOfEachFactorsContributionToTheMix) {
  const Applied applied(std::make_shared<AttentionMix>(mask_case.mask, kHeads),
                        testing::mix_inputs(mask_case, seed));
  const Rows pattern = reference::matrix_of<double>(applied.in(0)),
             v = reference::matrix_of<double>(applied.in(1));
  const std::vector<Tensor> contributions = contributions_of(applied);
  const Tensor propagated = applied.propagate_forward(rule, contributions);
  for (std::int64_t s = 0; s < kStacks; ++s) {
    const Rows of_pattern = stack_of(contributions[0], pattern.rows, s),
               of_v = stack_of(contributions[1], v.rows, s);
    expect_part(propagated,
                half_sum(reference::attention_mix(mask_case.groups, kHeads, of_pattern, v),
                         reference::attention_mix(mask_case.groups, kHeads, pattern, of_v)),
                s);
  }
}

/// ∫₀¹ J_softmax(α s) x dα by Simpson's rule with 2000 intervals.
Rows integrated(const MaskCase& mask_case, const Rows& scores, const Rows& x) {
  constexpr int kIntervals = 2000;
  Rows out(scores.rows, scores.width);
  for (int k = 0; k <= kIntervals; ++k) {
    const double weight = (k == 0 || k == kIntervals ? 1.0
                           : k % 2 == 1              ? 4.0
                                                     : 2.0) /
                          3 / double(kIntervals);
    Rows scaled = scores;
    for (double& s : scaled.values) s *= double(k) / kIntervals;
    const Rows p = reference::attention_softmax(mask_case.groups, kHeads, scaled);
    for (std::int64_t r = 0; r < out.rows; ++r) {
      double along = 0;
      for (std::int64_t j = 0; j < out.width; ++j) along += p.at(r, j) * x.at(r, j);
      for (std::int64_t j = 0; j < out.width; ++j) {
        out.at(r, j) += weight * p.at(r, j) * (x.at(r, j) - along);
      }
    }
  }
  return out;
}

TEST_P(QueryKeyTwin, IntegratesTheSoftmaxFromTheUniformPatternInBothDirections) {
  const Applied applied(std::make_shared<Softmax>(mask_case.mask, kHeads),
                        testing::softmax_inputs(mask_case, seed));
  const Rows scores = reference::matrix_of<double>(applied.in());
  std::vector<Tensor> contributions;
  contributions.push_back(testing::random_rows(mask_case, seed + "contributions", kStacks));
  const Tensor propagated = applied.propagate_forward(rule, contributions);
  const RuleOutput result = applied.backward(rule, contributions[0]);
  for (std::int64_t s = 0; s < kStacks; ++s) {
    const Rows expected = integrated(mask_case, scores, stack_of(contributions[0], scores.rows, s));
    expect_part(propagated, expected, s);
    expect_part(result.in[0], expected, s);  // the Jacobian is symmetric
  }
}

TEST_P(QueryKeyTwin, AddsUpToThePatternWithTheUniformOneAsAdditiveTerm) {
  const Applied applied(std::make_shared<Softmax>(mask_case.mask, kHeads),
                        testing::softmax_inputs(mask_case, seed));
  std::vector<Tensor> all;
  all.push_back(applied.in().clone());
  Tensor sum = applied.propagate_forward(rule, all);
  std::vector<float> scratch;
  for (std::int64_t r = 0; r < sum.rows(); ++r) {
    const auto additive_term = rule->additive_term(applied.op(), applied.context(), r, scratch);
    for (std::size_t j = 0; j < additive_term.size(); ++j) sum.row(r)[j] += additive_term[j];
  }

  EXPECT_TRUE(all_close(sum.values(), applied.out().values(), 1e-6));
}

TEST_P(QueryKeyTwin, BackwardIsTheTransposeOfForward) {
  const Applied scores(std::make_shared<AttentionScores>(mask_case.mask, kHeads),
                       testing::score_inputs(mask_case, seed)),
      softmax(std::make_shared<Softmax>(mask_case.mask, kHeads),
              testing::softmax_inputs(mask_case, seed)),
      mix(std::make_shared<AttentionMix>(mask_case.mask, kHeads),
          testing::mix_inputs(mask_case, seed));

  expect_transposed(scores, testing::random_rows(mask_case, seed + "flow", kStacks),
                    contributions_of(scores));
  std::vector<Tensor> of_scores;
  of_scores.push_back(testing::random_rows(mask_case, seed + "contributions", kStacks));
  expect_transposed(softmax, testing::random_rows(mask_case, seed + "flow", kStacks), of_scores);
  std::vector<Tensor> of_mix = contributions_of(mix);
  of_mix[0] = testing::random_rows(mask_case, seed + "pattern contributions", kStacks);
  expect_transposed(mix, mix.flow(kStacks, seed + "flow"), of_mix);
}

std::string case_name(const ::testing::TestParamInfo<QueryKeyTwin::ParamType>& case_info) {
  return std::string(mask_cases()[std::get<0>(case_info.param)].name) + "_" +
         std::get<1>(case_info.param);
}

INSTANTIATE_TEST_SUITE_P(Masks, QueryKeyTwin,
                         ::testing::Combine(::testing::Range(std::size_t{0}, mask_cases().size()),
                                            ::testing::Values("one", "two", "three")),
                         case_name);

TEST(QueryKey, PropagatesOneFactorsContributionIfTheOtherHasNone) {
  const MaskCase& mask_case = mask_cases()[0];
  const Applied mix(std::make_shared<AttentionMix>(mask_case.mask, kHeads),
                    testing::mix_inputs(mask_case, "one"));
  std::vector<Tensor> of_pattern(2), of_value(2);
  of_pattern[0] = mix.in(0).clone();
  of_value[1] = mix.in(1).clone();
  std::vector<float> half(mix.out().values().begin(), mix.out().values().end());
  for (float& z : half) z *= 0.5f;

  EXPECT_TRUE(all_close(mix.propagate_forward(query_key(), of_pattern).values(), half, kTolerance));
  EXPECT_TRUE(all_close(mix.propagate_forward(query_key(), of_value).values(), half, kTolerance));
}

TEST(QueryKey, UniformPatternDependsOnTheNumberOfKeysOfEachQuery) {
  const MaskCase& tree = mask_cases()[2];
  const Applied softmax(std::make_shared<Softmax>(tree.mask, kHeads),
                        testing::softmax_inputs(tree, "one"));
  std::vector<float> scratch;

  // The third row of the tree's first head sees itself, its parent and its grandparent.
  const std::int64_t row = 2 * kHeads;
  const auto additive_term =
      query_key()->additive_term(softmax.op(), softmax.context(), row, scratch);

  EXPECT_TRUE(all_close(additive_term, std::vector<float>{1 / 3.0f, 1 / 3.0f, 1 / 3.0f}, 0));
}

TEST(QueryKey, RefusesOtherOpsByName) {
  std::vector<Tensor> input, contributions;
  input.push_back(testing::random_tensor("input", 3, 4));
  const Applied scale(std::make_shared<Scale>(2.0f), std::move(input));
  contributions.push_back(scale.contributions(0, 1));

  EXPECT_TRUE(mentions(error_of([&] { scale.backward(query_key(), scale.flow(1)); }),
                       {"query_key", "scale"}));
  EXPECT_TRUE(mentions(error_of([&] { scale.propagate_forward(query_key(), contributions); }),
                       {"query_key", "scale"}));
}

TEST(QueryKey, RefusesANumberOfNodesOutOfRange) {
  EXPECT_TRUE(mentions(error_of([] { query_key(0); }), {"nodes", "1 to 64", "got 0"}));
  EXPECT_TRUE(mentions(error_of([] { query_key(65); }), {"nodes", "1 to 64", "got 65"}));
}

}  // namespace query_key_test
}  // namespace whyclip
