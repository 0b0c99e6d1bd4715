// The rule of every op against its literal form, in both scalars.

#include "whyclip/article/tracing_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/unit/article/literal_tracing.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/embed_tokens.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace tracing_rules_test {

using testing::hash_tensor;
using testing::literal_rule;
using testing::LiteralContributions;
using testing::RealMatrix;
using tracing::Columns;
using tracing::RegionTensor;
using tracing::Traced;

struct Shape {
  std::int64_t rows, width;
};

struct Case {
  std::string name;
  OpPtr op;
  std::vector<Shape> inputs;
};

std::shared_ptr<const Tensor> table(std::int64_t rows, std::int64_t width) {
  return std::make_shared<const Tensor>(testing::random_tensor("table", rows, width));
}

OpPtr linear(std::int64_t outputs, std::int64_t inputs, bool bias) {
  const std::vector<float> weight = hash_tensor("weight", std::size_t(outputs * inputs), 0, 1);
  return std::make_shared<Linear>(
      [weight] { return weight; }, outputs, inputs,
      bias ? hash_tensor("bias", std::size_t(outputs), 0, 1) : std::vector<float>{});
}

OpPtr layer_norm(std::size_t width) {
  return std::make_shared<LayerNorm>(hash_tensor("gamma", width, 1, 0.3),
                                     hash_tensor("beta", width, 0, 0.5), 1e-5f);
}

std::vector<Case> linear_cases() {
  return {{"linear", linear(7, 5, true), {{6, 5}}},
          {"linear without bias", linear(3, 9, false), {{4, 9}}},
          {"add", std::make_shared<Add>(), {{4, 5}, {4, 5}}},
          {"add rows",
           std::make_shared<AddRows>(table(4, 3), std::vector<std::int32_t>{2, 0, 2}),
           {{6, 3}}},
          {"prepend", std::make_shared<Prepend>(table(1, 3), 4), {{8, 3}}},
          {"select rows", std::make_shared<SelectRows>(std::vector<std::int64_t>{4, 0}), {{6, 5}}},
          {"patchify", std::make_shared<Patchify>(3, 2, 2), {{2, 3 * 6 * 4}}},
          {"scale", std::make_shared<Scale>(-2.5f), {{3, 4}}}};
}

/// Scores (2 heads), softmax and mix under each kind of mask, for q, k and v with rows of 6 values.
std::vector<Case> attention_cases() {
  const std::vector<std::int32_t> tree{-1, 0, 1, 0, 3};
  std::vector<Case> cases;
  for (const auto& [name, mask, keys] :
       {std::tuple{"full", AttentionMask::full(1, 5), 5},
        std::tuple{"one query", AttentionMask::full_one_query(1, 4), 4},
        std::tuple{"tree", AttentionMask::tree(tree), 5},
        std::tuple{"some of a tree", AttentionMask::tree_some_queries(tree, {4, 1}), 5}}) {
    const Shape q{mask->queries(), 6}, k{keys, 6}, s{mask->score_rows(2), mask->most_keys()};
    cases.push_back(
        {std::string("scores, ") + name, std::make_shared<AttentionScores>(mask, 2), {q, k}});
    cases.push_back({std::string("softmax, ") + name, std::make_shared<Softmax>(mask, 2), {s}});
    cases.push_back({std::string("mix, ") + name, std::make_shared<AttentionMix>(mask, 2), {s, k}});
  }
  return cases;
}

std::vector<Case> nonlinear_cases() {
  return {{"quick gelu", std::make_shared<Activation>(ActivationKind::kQuickGelu), {{4, 9}}},
          {"gelu", std::make_shared<Activation>(ActivationKind::kGelu), {{1, 7}}},
          {"layer norm", layer_norm(8), {{5, 8}}},
          {"layer norm of one row", layer_norm(33), {{1, 33}}},
          {"normalise", std::make_shared<Normalise>(), {{2, 6}}}};
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = linear_cases();
  for (auto& more : {attention_cases(), nonlinear_cases()}) {
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

/// The article's setting, each single change, and all rules mended.
std::vector<std::pair<const char*, PublishedTracingOptions>> settings() {
  constexpr TracedGain kMended = TracedGain::kMended;
  return {{"published", {}},
          {"half-split", {.product = TracedProduct::kHalfSplit}},
          {"activation mended", {.activation = kMended}},
          {"layer norm mended", {.layer_norm = kMended}},
          {"softmax mended", {.softmax = kMended}},
          {"no small ratios", {.small_ratio = std::nullopt}},
          {"larger small ratios", {.small_ratio = 0.4}},
          {"own biases", {.bias = TracedBias::kOwn}},
          {"mended, own biases",
           {.product = TracedProduct::kHalfSplit,
            .activation = kMended,
            .layer_norm = kMended,
            .softmax = kMended,
            .bias = TracedBias::kOwn}}};
}

constexpr int kRegions = 3;

LiteralContributions random_contributions(const std::string& seed, const Shape& shape,
                                          bool own_biases) {
  LiteralContributions contributions;
  for (int r = 0; r < kRegions + (own_biases ? 1 : 0); ++r) {
    contributions.push_back(reference::matrix_of<testing::Real>(
        testing::random_tensor(seed + std::to_string(r), shape.rows, shape.width)));
  }
  return contributions;
}

template <class T>
Traced<T> traced_of(const LiteralContributions& contributions) {
  RegionTensor<T> stacked(std::int64_t(contributions.size()), contributions[0].rows,
                          contributions[0].width);
  for (std::size_t r = 0; r < contributions.size(); ++r) {
    std::ranges::transform(contributions[r].values, stacked.column(std::int64_t(r)),
                           [](testing::Real v) { return T(v); });
  }
  RegionTensor<T> total = tracing::total(stacked, 1);
  return {std::move(stacked), std::move(total)};
}

template <class T>
RegionTensor<T> trace(const Op& op, const std::vector<LiteralContributions>& in,
                      const PublishedTracingOptions& options, int threads = testing::threads()) {
  std::vector<Traced<T>> traced;
  for (const LiteralContributions& operand : in) traced.push_back(traced_of<T>(operand));
  std::vector<const Traced<T>*> operands;
  for (const Traced<T>& operand : traced) operands.push_back(&operand);
  return tracing::trace_op<T>(op, operands, {kRegions, options.bias == TracedBias::kOwn}, options,
                              {.threads = threads});
}

template <class T>
void expect_close(const RegionTensor<T>& actual, const LiteralContributions& expected,
                  double tolerance) {
  ASSERT_EQ(actual.columns(), std::int64_t(expected.size()));
  ASSERT_EQ(actual.count(), std::int64_t(expected[0].values.size()));
  testing::Real largest = 0;
  for (const RealMatrix& contribution : expected) {
    for (const testing::Real v : contribution.values) largest = std::max(largest, std::abs(v));
  }
  for (std::int64_t c = 0; c < actual.columns(); ++c) {
    for (std::int64_t i = 0; i < actual.count(); ++i) {
      ASSERT_NEAR(double(actual.column(c)[i]),
                  double(expected[std::size_t(c)].values[std::size_t(i)]),
                  tolerance * double(largest))
          << "column " << c << ", element " << i;
    }
  }
}

template <class T>
class TracingRules : public ::testing::Test {
 public:
  /// Relative to the largest contribution. A ratio f(X)/X of these inputs magnifies rounding by up
  /// to a few hundred.
  static constexpr double kTolerance = sizeof(T) == 4 ? 1e-4 : 1e-12;
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(TracingRules, Scalars);

TYPED_TEST(TracingRules, EqualTheLiteralFormForEveryOpAndSetting) {
  for (const Case& c : all_cases()) {
    for (const auto& [name, options] : settings()) {
      for (const char* seed : {"first", "second", "third"}) {
        SCOPED_TRACE(c.name + ": " + name + ", " + seed);
        std::vector<LiteralContributions> in;
        for (const Shape& shape : c.inputs) {
          in.push_back(random_contributions(seed + std::to_string(in.size()), shape,
                                            options.bias == TracedBias::kOwn));
        }
        expect_close(trace<TypeParam>(*c.op, in, options),
                     literal_rule(*c.op, in, kRegions, options), this->kTolerance);
      }
    }
  }
}

TYPED_TEST(TracingRules, DoNotDependOnTheNumberOfThreads) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name);
    std::vector<LiteralContributions> in;
    for (const Shape& shape : c.inputs) in.push_back(random_contributions("x", shape, false));
    const RegionTensor<TypeParam> one = trace<TypeParam>(*c.op, in, {}, 1),
                                  three = trace<TypeParam>(*c.op, in, {}, 3);
    for (std::int64_t i = 0; i < one.columns() * one.count(); ++i) {
      // The blocks of a matrix product depend on the number of threads.
      ASSERT_NEAR(double(one.data()[i]), double(three.data()[i]),
                  1e-6 * std::max(1.0, std::abs(double(one.data()[i]))));
    }
  }
}

/// One element of each region.
LiteralContributions scalars(std::initializer_list<double> values) {
  LiteralContributions contributions;
  for (const double value : values) {
    contributions.emplace_back(1, 1);
    contributions.back().at(0, 0) = value;
  }
  return contributions;
}

const OpPtr kOneScore = std::make_shared<AttentionScores>(AttentionMask::full(1, 1), 1);

/// The article's example: the product of halves, region by region, sums to half of the product;
/// rescaled, it is the product.
TEST(FullProduct, OfHalvesEqualsTheProduct) {
  const LiteralContributions halves = scalars({0.5, 0.5, 0});
  const RegionTensor<double> out = trace<double>(*kOneScore, {halves, halves}, {});
  EXPECT_DOUBLE_EQ(*out.column(0), 0.5);
  EXPECT_DOUBLE_EQ(*out.column(1), 0.5);
  EXPECT_DOUBLE_EQ(*out.column(2), 0);
}

TEST(FullProduct, KeepsTheMagnitudeOfTheContributionsAndNotTheirSum) {
  // x·y = 2·3 = 6 by contributions 3·1, 1·4 and −2·−2: all are positive although the operands'
  // signs differ.
  const RegionTensor<double> agree =
      trace<double>(*kOneScore, {scalars({3, 1, -2}), scalars({1, 4, -2})}, {});
  EXPECT_NEAR(*agree.column(0) + *agree.column(1) + *agree.column(2), 6, 1e-15);

  // x·y = 4·1 = 4 by contributions 3·2, 2·1 and −1·−2, then with one sign inverted: 3·2, 2·−1,
  // −1·0.
  const RegionTensor<double> mixed =
      trace<double>(*kOneScore, {scalars({3, 2, -1}), scalars({2, -1, 0})}, {});
  EXPECT_NEAR(std::abs(*mixed.column(0)) + std::abs(*mixed.column(1)), 4, 1e-15);
  EXPECT_NEAR(*mixed.column(0) + *mixed.column(1), 2, 1e-15);
}

TEST(FullProduct, LosesTheSignOfTheProduct) {
  // x·y = −1·1, but the only nonzero product of one region is 1·2.
  const RegionTensor<double> out =
      trace<double>(*kOneScore, {scalars({1, -2, 0}), scalars({2, 0, -1})}, {});
  EXPECT_DOUBLE_EQ(*out.column(0), 1);
}

TEST(FullProduct, WithoutACommonRegionIsNotFinite) {
  const RegionTensor<double> out =
      trace<double>(*kOneScore, {scalars({1, 0, 0}), scalars({0, 1, 0})}, {});
  EXPECT_FALSE(std::isfinite(*out.column(0)));
}

TEST(FullProduct, OfZerosIsZero) {
  const RegionTensor<double> out =
      trace<double>(*kOneScore, {scalars({1, -1, 0}), scalars({0, 0, 0})}, {});
  EXPECT_EQ(*out.column(0), 0);
}

TEST(RatioRule, GivesTheRatioInsteadOfTheValueForSmallRatios) {
  // QuickGELU(−4) = −4·σ(−6.808): the ratio σ(−6.808) = 0.001103… is below 0.01.
  const Activation op(ActivationKind::kQuickGelu);
  const double ratio = 1 / (1 + std::exp(1.702 * 4));
  const RegionTensor<double> out = trace<double>(op, {scalars({-5, 2, -1})}, {});
  for (int r = 0; r < kRegions; ++r) EXPECT_NEAR(*out.column(r), ratio / 3, 1e-15);

  const RegionTensor<double> without =
      trace<double>(op, {scalars({-5, 2, -1})}, {.small_ratio = {}});
  EXPECT_NEAR(*without.column(1), 2 * ratio, 1e-15);
}

TEST(RatioRule, GivesTheBiasesZeroForSmallRatios) {
  const Activation op(ActivationKind::kQuickGelu);
  const RegionTensor<double> out =
      trace<double>(op, {scalars({-5, 2, -1, -1})}, {.bias = TracedBias::kOwn});
  EXPECT_GT(*out.column(0), 0);
  EXPECT_EQ(*out.column(3), 0);
}

TEST(RatioRule, IsZeroWhereTheSumIsZero) {
  const LayerNorm op({1, 1}, {5, 5}, 1e-5f);
  LiteralContributions contributions(3, RealMatrix(1, 2));
  contributions[0].values = {1, 1};
  contributions[1].values = {-1, 2};
  const RegionTensor<double> out = trace<double>(op, {contributions}, {});
  for (int r = 0; r < kRegions; ++r) EXPECT_EQ(out.column(r)[0], 0);  // although the norm is near 4
}

/// Σ over the columns equals the op of the sums.
void expect_complete(const PublishedTracingOptions& options, double tolerance) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name);
    std::vector<LiteralContributions> in;
    std::vector<RealMatrix> sums;
    for (const Shape& shape : c.inputs) {
      in.push_back(random_contributions("c" + std::to_string(in.size()), shape,
                                        options.bias == TracedBias::kOwn));
      sums.push_back(testing::sum_of(in.back()));
    }
    const RegionTensor<double> total = tracing::total(trace<double>(*c.op, in, options), 1);
    const RealMatrix expected = testing::literal_value(*c.op, sums);
    for (std::int64_t i = 0; i < total.count(); ++i) {
      ASSERT_NEAR(total.data()[i], double(expected.values[std::size_t(i)]), tolerance) << i;
    }
  }
}

TEST(Completeness, HoldsOpByOpForTheHalfSplitAndMendedGains) {
  constexpr TracedGain kMended = TracedGain::kMended;
  for (const TracedBias bias : {TracedBias::kEqual, TracedBias::kOwn}) {
    // The error of 8 nodes in the softmax's path integral is about 1e-8 for scores with this spread
    // (10).
    expect_complete({.product = TracedProduct::kHalfSplit,
                     .activation = kMended,
                     .layer_norm = kMended,
                     .softmax = kMended,
                     .bias = bias},
                    1e-7);
  }
}

TEST(Completeness, HoldsForTheRatioRuleWithoutItsBranchForSmallRatios) {
  expect_complete({.product = TracedProduct::kHalfSplit, .small_ratio = std::nullopt}, 1e-11);
}

TEST(TracingRule, RefusesAnOpWithoutInputsByName) {
  const EmbedTokens op(table(4, 3), {1, 2});
  EXPECT_TRUE(testing::mentions(testing::error_of([&] {
                                  trace<double>(op, {scalars({1, 2, 3})}, {});
                                }),
                                {"embed_tokens"}));
}

}  // namespace tracing_rules_test
}  // namespace whyclip
