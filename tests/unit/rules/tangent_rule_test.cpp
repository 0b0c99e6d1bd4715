// The rule of examples/custom_rule.cpp against its formula.

#include <gtest/gtest.h>

#include <cmath>

#include "examples/tangent_rule.h"
#include "tests/support/close.h"
#include "tests/support/conservation.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/applied.h"
#include "tests/unit/rules/small_network.h"

namespace whyclip {
namespace tangent_rule_test {

using testing::all_close;
using testing::Applied;

/// A few float32 operations on values of the order of 1.
constexpr double kTolerance = 1e-5;

/// Slope and value at zero of the tangent to u · σ(1.702 u), in float64.
double slope(double u) {
  const double gate = 1 / (1 + std::exp(-1.702 * u));
  return gate + u * 1.702 * gate * (1 - gate);
}
double at_zero(double u) { return u / (1 + std::exp(-1.702 * u)) - slope(u) * u; }

class Tangent : public ::testing::TestWithParam<const char*> {
 protected:
  static std::vector<Tensor> input() {
    std::vector<Tensor> result;
    result.push_back(testing::random_tensor(GetParam(), 5, 9));
    return result;
  }
  const Applied applied{std::make_shared<Activation>(ActivationKind::kQuickGelu), input()};
  const RulePtr rule = std::make_shared<TangentRule>();
};

TEST_P(Tangent, MultipliesByTheSlopeInBothDirections) {
  std::vector<Tensor> contributions;
  contributions.push_back(applied.contributions(0, 3));
  std::vector<float> expected;
  for (std::size_t i = 0; i < contributions[0].size(); ++i) {
    const double u = double(applied.in().data()[i % applied.in().size()]);
    expected.push_back(float(slope(u) * double(contributions[0].data()[i])));
  }

  EXPECT_TRUE(
      all_close(applied.propagate_forward(rule, contributions).values(), expected, kTolerance));
  EXPECT_TRUE(
      all_close(applied.backward(rule, contributions[0]).in[0].values(), expected, kTolerance));
}

TEST_P(Tangent, KeepsTheRestAsAdditiveTerm) {
  std::vector<float> scratch;
  for (std::int64_t row = 0; row < 5; ++row) {
    std::vector<float> expected;
    for (const float u : applied.in().row(row)) expected.push_back(float(at_zero(double(u))));
    EXPECT_TRUE(all_close(rule->additive_term(applied.op(), applied.context(), row, scratch),
                          expected, kTolerance));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Tangent, ::testing::Values("one", "two", "three"));

TEST(TangentInATable, ConservesAtEveryOp) {
  const testing::SmallNetwork network;
  RuleTable rules = contribution_rules();
  rules.rows.insert(rules.rows.begin(),
                    {{OpKind::kActivation}, "", std::make_shared<TangentRule>()});

  EXPECT_TRUE(testing::conserves(
      propagate_backward(network.workspace, network.record, rules, "net.normalized",
                         network.seed("net.normalized", 2), {"x"}, {.balances = true})));
}

TEST(TangentOfAnotherOp, IsRefusedByName) {
  const testing::SmallNetwork network;
  const RuleTable rules{"mine", Quantity::kGradient, {{{}, "", std::make_shared<TangentRule>()}}};

  EXPECT_TRUE(testing::mentions(testing::error_of([&] {
                                  propagate_backward(network.workspace, network.record, rules,
                                                     "net.mlp_out", network.seed("net.mlp_out", 1),
                                                     {"x"});
                                }),
                                {"net.mlp_out", "tangent", "linear"}));
}

}  // namespace tangent_rule_test
}  // namespace whyclip
