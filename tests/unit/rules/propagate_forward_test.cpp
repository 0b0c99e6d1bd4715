#include "whyclip/rules/propagate_forward.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/small_network.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/scale.h"
#include "whyclip/rules/forward_rules.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/query_key.h"

namespace whyclip {
namespace propagate_forward_test {

using testing::all_close;
using testing::error_of;
using testing::hash_tensor;
using testing::mentions;
using testing::random_tensor;
using testing::SmallNetwork;

constexpr std::int64_t kTokens = SmallNetwork::kTokens, kWidth = SmallNetwork::kWidth;
/// A dozen ops of float32 on values of the order of 1.
constexpr double kTolerance = 1e-5;

class PropagateForward : public ::testing::Test {
 protected:
  /// Each token's row is a source; if `with_additive_terms`, one more source has all additive
  /// terms.
  Sources tokens(bool with_additive_terms) const {
    Sources sources;
    sources.count = kTokens + (with_additive_terms ? 1 : 0);
    Tensor contributions = Tensor::zeros(sources.count * kTokens, kWidth);
    std::ranges::copy(network.rows_of_x().values(), contributions.data());
    sources.contributions["x"] = std::move(contributions);
    if (with_additive_terms)
      sources.source_of_additive_term = [](const std::string&, std::int64_t) { return kTokens; };
    return sources;
  }
  Sources contributions_at(const char* trace_point, Tensor contributions,
                           std::int64_t count) const {
    Sources sources;
    sources.count = count;
    sources.contributions[trace_point] = std::move(contributions);
    return sources;
  }
  Tensor propagated(const RuleTable& rules, Sources sources,
                    std::string_view to = "net.normalized") const {
    return propagate_forward(network.workspace, network.record, rules, std::move(sources), to);
  }
  std::string error(const RuleTable& rules, Sources sources,
                    std::string_view to = "net.normalized") const {
    return error_of([&] { propagated(rules, std::move(sources), to); });
  }
  static std::vector<float> sum_over_sources(const Tensor& contributions, std::int64_t count) {
    const std::size_t size = contributions.size() / std::size_t(count);
    std::vector<float> sum(size, 0.0f);
    for (std::size_t i = 0; i < contributions.size(); ++i) sum[i % size] += contributions.data()[i];
    return sum;
  }

  const SmallNetwork network;
};

TEST_F(PropagateForward, ContributionsAndAdditiveTermsAddUpToTheValue) {
  for (const RuleTable& rules : {contribution_rules(), query_key_rules()}) {
    const Tensor contributions = propagated(rules, tokens(true));
    EXPECT_TRUE(all_close(sum_over_sources(contributions, kTokens + 1),
                          network.record.at("net.normalized").values(), kTolerance))
        << rules.name;
  }
}

TEST_F(PropagateForward, ContributionsWithRedistributedAdditiveTermsAddUpIfPositionsHaveASource) {
  Sources sources = tokens(true);
  const Tensor contributions = propagated(decompx_rules(), std::move(sources));

  EXPECT_TRUE(all_close(sum_over_sources(contributions, kTokens + 1),
                        network.record.at("net.normalized").values(), kTolerance));
}

TEST_F(PropagateForward, GivesTheNumbersOfTheBackwardPass) {
  constexpr std::int64_t kTargets = 2;
  for (const RuleTable& rules : {contribution_rules(), query_key_rules()}) {
    const Tensor seed = network.seed("net.normalized", kTargets);
    const BackwardResult backward = propagate_backward(network.workspace, network.record, rules,
                                                       "net.normalized", seed.clone(), {"x"});
    const std::vector<double> from_backward =
        row_contributions(rules.quantity, backward.gradients.at("x"), network.record.at("x"));
    const Tensor forward = propagated(rules, tokens(true));
    const std::int64_t size = kTokens * kWidth;
    for (std::int64_t t = 0; t < kTargets; ++t) {
      const auto of_source = [&](std::int64_t s) {
        return kernels::dot(forward.row(s * kTokens).data(), seed.row(t * kTokens).data(), size);
      };
      for (std::int64_t s = 0; s < kTokens; ++s) {
        EXPECT_NEAR(of_source(s), from_backward[std::size_t(t * kTokens + s)], 2e-5) << rules.name;
      }
      double additive_terms = 0;
      for (const AdditiveContribution& additive_term : backward.additive_terms)
        additive_terms += additive_term.contributions[std::size_t(t)];
      EXPECT_NEAR(of_source(kTokens), additive_terms, 1e-4) << rules.name;
    }
  }
}

TEST_F(PropagateForward, InChunksEqualsPropagatingAllAtOnce) {
  for (const RuleTable& rules : {contribution_rules(), query_key_rules(), contextual_rules()}) {
    const Tensor all = propagated(rules, tokens(false)), rows = network.rows_of_x();
    const std::int64_t size = kTokens * kWidth;
    for (const std::int64_t chunk : {1, 2, 4}) {
      for (std::int64_t first = 0; first + chunk <= kTokens; first += chunk) {
        const std::span<const float> part =
            rows.values().subspan(std::size_t(first * size), std::size_t(chunk * size));
        const Tensor some = propagated(
            rules, contributions_at("x", Tensor::from(chunk * kTokens, kWidth, part), chunk));
        EXPECT_TRUE(all_close(
            some.values(),
            std::span<const float>(all.values()).subspan(std::size_t(first * size), some.size()),
            0))
            << rules.name << ", " << chunk << " from " << first;
      }
    }
  }
}

TEST_F(PropagateForward, NeedsNoRulesForInputsThatAreNotRead) {
  // No rule for scores and softmax: with frozen gains the mix does not read the pattern.
  const RuleTable rules{"mine",
                        Quantity::kGradient,
                        {{{OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kLayerNorm,
                           OpKind::kActivation, OpKind::kNormalise, OpKind::kAttentionMix},
                          "",
                          frozen_gains()}}};

  EXPECT_TRUE(all_close(propagated(rules, tokens(true)).values(),
                        propagated(contribution_rules(), tokens(true)).values(), 0));
}

TEST_F(PropagateForward, NamesTracePointOpAndTableOfAMissingRule) {
  const RuleTable rules{"mine",
                        Quantity::kGradient,
                        {{{OpKind::kAttentionMix}, "", query_key()},
                         {{OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kLayerNorm,
                           OpKind::kActivation, OpKind::kNormalise},
                          "",
                          frozen_gains()}}};

  EXPECT_TRUE(mentions(error(rules, tokens(false)), {"net.pattern", "softmax", "mine"}));
}

TEST_F(PropagateForward, NamesTheTracePointOfABackwardOnlyRule) {
  EXPECT_TRUE(mentions(error(gradient_rules(), tokens(false)),
                       {"net.embedded", "derivative", "only the backward direction", "add_rows"}));
}

TEST_F(PropagateForward, DoesNotComputeAValueWhoseContributionsAreGiven) {
  const Tensor given = random_tensor("given", 2 * kTokens, kWidth);
  Sources sources = contributions_at("net.resid_mid", given.clone(), 2);
  sources.contributions["x"] = random_tensor("unused", 2 * kTokens, kWidth);
  // The rules between x and resid_mid do not support the forward direction: they are not used.
  const RuleTable rules{"mine",
                        Quantity::kGradient,
                        {{{OpKind::kLayerNorm, OpKind::kAddRows}, "net.[el]*", derivative()},
                         {{}, "", frozen_gains()}}};

  const Tensor result = propagated(rules, std::move(sources), "net.resid_post");

  EXPECT_TRUE(
      all_close(result.values(),
                propagated(contribution_rules(),
                           contributions_at("net.resid_mid", given.clone(), 2), "net.resid_post")
                    .values(),
                0));
}

TEST_F(PropagateForward, ReturnsGivenContributionsOfTheRequestedTracePoint) {
  const Tensor given = random_tensor("given", 2 * kTokens, kWidth);

  EXPECT_TRUE(all_close(propagated(contribution_rules(),
                                   contributions_at("net.mlp_pre", given.clone(), 2), "net.mlp_pre")
                            .values(),
                        given.values(), 0));
}

TEST_F(PropagateForward, AssignsEachRowsAdditiveTermToTheRequestedSource) {
  // Two sources without contributions of their own; the positions of even rows belong to the
  // second, the network's other additive terms to none.
  Sources sources;
  sources.count = 2;
  sources.source_of_additive_term = [](const std::string& point, std::int64_t row) {
    return point == "net.embedded" && row % 2 == 0 ? 1 : -1;
  };
  const Tensor result = propagated(contribution_rules(), std::move(sources), "net.embedded");

  const Tensor positions = random_tensor("positions", kTokens, kWidth);
  for (std::int64_t r = 0; r < kTokens; ++r) {
    const std::vector<float> none(std::size_t(kWidth), 0.0f);
    EXPECT_TRUE(all_close(result.row(r), none, 0));
    EXPECT_TRUE(all_close(result.row(kTokens + r),
                          r % 2 == 0 ? positions.row(r) : std::span<const float>(none), 0));
  }
}

TEST_F(PropagateForward, OmitsAdditiveTermsWithoutASource) {
  const Tensor with = propagated(contribution_rules(), tokens(true)),
               without = propagated(contribution_rules(), tokens(false));

  EXPECT_TRUE(
      all_close(std::span<const float>(with.values()).first(without.size()), without.values(), 0));
}

TEST_F(PropagateForward, RefusesAnAdditiveTermForASourceOutOfRange) {
  Sources sources = tokens(false);
  sources.source_of_additive_term = [](const std::string& point, std::int64_t) {
    return point == "net.v" ? kTokens : -1;
  };

  EXPECT_TRUE(
      mentions(error(contribution_rules(), std::move(sources)), {"net.v", "source 6", "only 6"}));
}

TEST_F(PropagateForward, RefusesContributionsOfAnotherShape) {
  EXPECT_TRUE(mentions(error(contribution_rules(),
                             contributions_at("x", random_tensor("s", 2 * kTokens, kWidth), 3)),
                       {"[x]", "3 sources", "18 rows of 8", "got 12 rows of 8"}));
  EXPECT_TRUE(mentions(error(contribution_rules(),
                             contributions_at("x", random_tensor("s", 2 * kTokens, kWidth + 1), 2)),
                       {"[x]", "12 rows of 8", "got 12 rows of 9"}));
}

TEST_F(PropagateForward, RefusesTracePointsThatWereNotRecorded) {
  EXPECT_TRUE(mentions(error(contribution_rules(), tokens(false), "net.nowhere"), {"net.nowhere"}));
  EXPECT_TRUE(mentions(error(contribution_rules(), contributions_at("elsewhere", Tensor(), 1)),
                       {"elsewhere"}));
}

TEST_F(PropagateForward, IsEmptyWhereNoContributionArrives) {
  EXPECT_TRUE(propagate_forward(network.workspace, network.record, contribution_rules(),
                                contributions_at("net.mlp_pre", Tensor(), 1), "net.normalized")
                  .empty());
  // The mix does not read the pattern with frozen gains.
  EXPECT_TRUE(propagate_forward(network.workspace, network.record, contribution_rules(),
                                contributions_at("x", Tensor(), 1), "net.z")
                  .empty());
}

TEST_F(PropagateForward, NamesTheTracePointThatIsNotFinite) {
  Tensor huge(kTokens, kWidth);
  huge.fill(3e38f);

  EXPECT_TRUE(
      mentions(error(contribution_rules(), contributions_at("net.resid_mid", std::move(huge), 1)),
               {"net.", "not finite", "contributions"}));
}

TEST_F(PropagateForward, RefusesATableThatCoversNothing) {
  EXPECT_TRUE(
      mentions(error({"mine", Quantity::kGradient, {}}, tokens(false)), {"mine", "no rows"}));
}

TEST_F(PropagateForward, CanBeCancelled) {
  int calls = 0;
  const Progress stop = [&](std::string_view, std::int64_t done, std::int64_t total) {
    EXPECT_EQ(done, calls);
    EXPECT_EQ(total, 12);  // not q, k, scores and softmax: nothing reads them
    return ++calls < 4;
  };

  EXPECT_THROW(propagate_forward(network.workspace, network.record, contribution_rules(),
                                 tokens(false), "net.normalized", stop),
               Cancelled);
  EXPECT_EQ(calls, 4);
}

/// Frozen gains that record the addresses of their results.
class AddressRecorder final : public Rule {
 public:
  std::string name() const override { return "watching"; }
  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    Tensor result = frozen_gains()->propagate_forward(workspace, op, context, contributions);
    addresses.insert(result.data());
    return result;
  }
  mutable std::set<const float*> addresses;
};

TEST(PropagateForwardOfALongChain, KeepsNoMoreThanTwoContributionsAtATime) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  Value x = trace.input("x", random_tensor("x", 4, 4));
  for (int i = 0; i < 20; ++i) {
    x = trace.apply("net.", std::to_string(i), std::make_shared<Scale>(1.0f), {x});
  }
  const auto recorder = std::make_shared<AddressRecorder>();
  Sources sources;
  sources.count = 3;
  sources.contributions["x"] = random_tensor("contributions", 12, 4);

  propagate_forward(workspace, record, {"watching", Quantity::kGradient, {{{}, "", recorder}}},
                    std::move(sources), "net.19");

  // The arena reuses freed storage.
  EXPECT_LE(recorder->addresses.size(), 2u);
}

TEST(NeedsAllSources, LooksAtTheRuleThatAppliesToEachOp) {
  const SmallNetwork network;
  const RuleTable hidden{
      "mine", Quantity::kGradient, {{{}, "", frozen_gains()}, {{}, "", shared_additive_terms()}}};
  const RuleTable elsewhere{
      "mine",
      Quantity::kGradient,
      {{{OpKind::kPatchify}, "", shared_additive_terms()}, {{}, "", frozen_gains()}}};

  EXPECT_TRUE(needs_all_sources(network.record, decompx_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, contextual_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, contribution_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, hidden));
  EXPECT_FALSE(needs_all_sources(network.record, elsewhere));
}

}  // namespace propagate_forward_test
}  // namespace whyclip
