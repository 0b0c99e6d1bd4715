// The balances that a backward pass reports, and where each table leaks.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/conservation.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/small_network.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/softmax.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace conservation_test {

using testing::conserves;
using testing::error_of;
using testing::mentions;
using testing::SmallNetwork;

constexpr std::int64_t kTargets = 3;

class Conservation : public ::testing::Test {
 protected:
  BackwardResult backward(const RuleTable& rules, std::string_view from = "net.normalized") const {
    Tensor seed = network.seed(from, kTargets);
    if (rules.quantity == Quantity::kRelevance) {  // a contribution of the output, not a gradient
      const Tensor& value = network.record.at(from);
      for (std::size_t i = 0; i < seed.size(); ++i)
        seed.data()[i] *= value.data()[i % value.size()];
    }
    return propagate_backward(network.workspace, network.record, rules, from, std::move(seed),
                              {"x"}, {.balances = true});
  }

  const SmallNetwork network;
};

TEST_F(Conservation, HoldsAtEveryOpWithFrozenGains) {
  EXPECT_TRUE(conserves(backward(contribution_rules())));
}

TEST_F(Conservation, HoldsAtEveryOpOfTheQueryKeyPath) {
  EXPECT_TRUE(conserves(backward(query_key_rules())));
}

// The stabiliser absorbs ε / (|y| + ε) of an output's relevance, and outputs as small as 1e-2
// occur.
TEST_F(Conservation, HoldsInTheRelevanceTablesUpToTheStabiliser) {
  EXPECT_TRUE(conserves(backward(epsilon_rules(1e-6)), 1e-3));
  EXPECT_TRUE(conserves(backward(gamma_rules()), 1e-3));
  EXPECT_TRUE(conserves(backward(cp_lrp_rules()), 1e-3));
}

// Balancing scales to the sum; an output without positive terms, which loses its relevance, does
// not occur here.
TEST_F(Conservation, HoldsBeyondAttention) {
  EXPECT_TRUE(conserves(backward(beyond_attention_rules()), 1e-4));
}

TEST_F(Conservation, BreaksFirstInALinearOpIfEpsilonIsLarge) {
  const std::vector<Balance> balances = backward(epsilon_rules(0.1), "net.resid_post").balances[0];
  const auto leak = first_leak(balances, 1e-3);

  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->rule, "epsilon 0.1");
  EXPECT_EQ(leak->trace_point, "net.resid_post");
}

TEST_F(Conservation, BreaksFirstAtTheSoftmaxForAttnLrp) {
  const std::vector<Balance> balances = backward(attn_lrp_rules()).balances[0];
  const auto leak = first_leak(balances, 1e-3);

  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->op, "softmax");
  EXPECT_EQ(leak->trace_point, "net.pattern");
  EXPECT_EQ(leak->rule, "softmax_taylor");
}

TEST_F(Conservation, BreaksFirstAtTheLastNormForTheGradient) {
  const auto leak = first_leak(backward(gradient_rules(), "net.pooled").balances[0]);

  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->op, "layer_norm");
  EXPECT_EQ(leak->trace_point, "net.pooled");
}

TEST_F(Conservation, AssertionReportsTracePointOpAndRule) {
  const auto result = conserves(backward(gradient_rules(), "net.pooled"));

  EXPECT_FALSE(result);
  const std::string message = result.message();
  EXPECT_NE(message.find("net.pooled (op layer_norm, rule derivative)"), std::string::npos);
  EXPECT_FALSE(conserves(BackwardResult())) << "an empty report does not count as conserved";
}

TEST_F(Conservation, MakesTheContributionsAtTheInputsSumToTheOutput) {
  for (const RuleTable& rules : {contribution_rules(), query_key_rules(), cp_lrp_rules()}) {
    const BackwardResult result = backward(rules);
    const std::vector<double> rows =
        row_contributions(rules.quantity, result.gradients.at("x"), network.record.at("x"));
    for (std::size_t t = 0; t < std::size_t(kTargets); ++t) {
      double sum = 0;
      for (std::size_t r = 0; r < std::size_t(SmallNetwork::kTokens); ++r) {
        sum += rows[t * std::size_t(SmallNetwork::kTokens) + r];
      }
      for (const AdditiveContribution& additive_term : result.additive_terms)
        sum += additive_term.contributions[t];
      // The stabilisers of 1e-6 absorb a little in the relevance table.
      EXPECT_NEAR(sum, result.balances[t].front().output, 2e-4) << rules.name;
    }
  }
}

TEST_F(Conservation, ReportsOneBalanceForEachOpOfTheBackwardPass) {
  std::vector<std::string> visited;
  propagate_backward(
      network.workspace, network.record, contribution_rules(), "net.normalized",
      network.seed("net.normalized", 1), {"x"},
      {.observe = [&](const Step& step, const Tensor&) { visited.push_back(step.name); }});
  const BackwardResult result = backward(contribution_rules());

  ASSERT_EQ(result.balances.size(), std::size_t(kTargets));
  ASSERT_EQ(result.balances[0].size(), visited.size());
  for (std::size_t i = 0; i < visited.size(); ++i) {
    EXPECT_EQ(result.balances[0][i].trace_point, visited[i]);
  }
  EXPECT_EQ(visited.front(), "net.normalized");
  EXPECT_EQ(std::ranges::count(visited, "net.scores"), 0);
}

/// Σ_i x_i
double total(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// R − Σ_i x_i (R_i − p_i Σ_j R_j) for scores (1, 3): p = (0.1192, 0.8808).
TEST(LeakOfSoftmaxTaylor, EqualsTheLossOfItsFormula) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  const Value scores = trace.input("scores", Tensor::from(1, 2, std::vector<float>{1, 3}));
  trace.apply("net.", "pattern", std::make_shared<Softmax>(AttentionMask::full_one_query(1, 2), 1),
              {scores});
  const RuleTable rules{"mine", Quantity::kRelevance, {{{}, "", softmax_taylor()}}};

  const BackwardResult backward = propagate_backward(
      workspace, record, rules, "net.pattern", Tensor::from(1, 2, std::vector<float>{0.5f, 2}),
      {"scores"}, {.balances = true});
  const auto leak = first_leak(backward.balances[0]);

  const double p = 1 / (1 + std::exp(2.0)), saved = 1 * (0.5 - p * 2.5) + 3 * (2 - (1 - p) * 2.5);
  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->trace_point, "net.pattern");
  EXPECT_EQ(leak->op, "softmax");
  EXPECT_NEAR(leak->output, 2.5, 1e-6);
  EXPECT_NEAR(leak->inputs, saved, 1e-6);
  EXPECT_NEAR(leak->leak(), 2.5 - saved, 1e-6);
  EXPECT_NEAR(leak->size, 2.5, 1e-6);
  EXPECT_NEAR(total(backward.gradients.at("scores").values()), saved, 1e-6);
}

// A norm does not change if its input is scaled about its mean, so value · gradient is about 0
// there, and all but the additive term is lost.
TEST(LeakOfTheGradientAtANorm, IsTheOutputWithoutTheAdditiveTerm) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  const Value x = trace.input("x", Tensor::from(1, 4, std::vector<float>{1, 2, 3, 6}));
  trace.apply("net.", "norm",
              std::make_shared<LayerNorm>(std::vector<float>{1, 2, 1, 1},
                                          std::vector<float>{5, 0, 0, 7}, 1e-9f),
              {x});
  const BackwardResult backward = propagate_backward(
      workspace, record, gradient_rules(), "net.norm",
      Tensor::from(1, 4, std::vector<float>{1, 1, 0, 1}), {"x"}, {.balances = true});
  const auto leak = first_leak(backward.balances[0]);

  // mean 3, σ = √3.5: (−2 + 2·(−1) + 3) / √3.5 from the norm, 5 + 7 from the additive term.
  ASSERT_TRUE(leak.has_value());
  EXPECT_NEAR(leak->additive_term, 12, 1e-5);
  EXPECT_NEAR(leak->output, 12 - 1 / std::sqrt(3.5), 1e-5);
  EXPECT_NEAR(leak->inputs, 0, 1e-5);
  EXPECT_NEAR(leak->leak(), -1 / std::sqrt(3.5), 1e-5);
}

TEST(ConstantOps, KeepTheirRelevanceInBothKindsOfTable) {
  const SmallNetwork network;
  for (const Quantity quantity : {Quantity::kGradient, Quantity::kRelevance}) {
    const bool gradient = quantity == Quantity::kGradient;
    const RuleTable rules{"mine",
                          quantity,
                          {{{OpKind::kAdd}, "", gradient ? frozen_gains() : epsilon(1e-6)},
                           {{}, "net.mlp_out", constant()},
                           {{}, "", gradient ? frozen_gains() : epsilon(1e-6)}}};
    const BackwardResult backward = propagate_backward(
        network.workspace, network.record, rules, "net.resid_post",
        network.seed("net.resid_post", 2), {"net.resid_mid"}, {.balances = true});
    EXPECT_TRUE(conserves(backward, 1e-4)) << name_of(quantity);
    ASSERT_EQ(backward.additive_terms.size(), 1u);
    EXPECT_EQ(backward.additive_terms[0].trace_point, "net.mlp_out");
  }
}

TEST(NonFiniteFlow, IsNamedByTracePoint) {
  const SmallNetwork network;
  Tensor seed = network.seed("net.resid_post", 1);
  for (float& v : seed.values()) v = 3e38f;

  EXPECT_TRUE(mentions(error_of([&] {
                         propagate_backward(network.workspace, network.record, gradient_rules(),
                                            "net.resid_post", std::move(seed), {"x"});
                       }),
                       {"net.", "not finite", "gradient"}));
}

TEST(NonFiniteFlow, IsNamedAlsoAtTheEndOfTheBackwardPass) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  const Value x = trace.input("x", Tensor::from(1, 1, std::vector<float>{1}));
  trace.apply("net.", "scaled", std::make_shared<Scale>(1e30f), {x});

  EXPECT_TRUE(mentions(error_of([&] {
                         propagate_backward(workspace, record, gradient_rules(), "net.scaled",
                                            Tensor::from(1, 1, std::vector<float>{1e30f}), {"x"});
                       }),
                       {"[x]", "not finite"}));
}

TEST(BackwardPass, CanBeCancelled) {
  const SmallNetwork network;
  int calls = 0;
  const Progress stop = [&](std::string_view, std::int64_t, std::int64_t) { return ++calls < 3; };

  EXPECT_THROW(
      propagate_backward(network.workspace, network.record, contribution_rules(), "net.normalized",
                         network.seed("net.normalized", 1), {"x"}, {.progress = stop}),
      Cancelled);
  EXPECT_EQ(calls, 3);
}

TEST(BackwardPass, NamesTheTracePointOfAnOpThatTheRuleDoesNotSupport) {
  const SmallNetwork network;
  const RuleTable rules{"mine", Quantity::kRelevance, {{{}, "", gamma(0.25)}}};

  EXPECT_TRUE(mentions(error_of([&] {
                         propagate_backward(network.workspace, network.record, rules, "net.mlp_out",
                                            network.seed("net.mlp_out", 1), {"x"});
                       }),
                       {"net.mlp_post", "gamma 0.25", "activation"}));
}

}  // namespace conservation_test
}  // namespace whyclip
