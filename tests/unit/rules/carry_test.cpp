#include "whyclip/rules/carry.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/small_network.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/scale.h"
#include "whyclip/rules/forward_rules.h"
#include "whyclip/rules/propagate.h"
#include "whyclip/rules/query_key.h"

namespace whyclip {
namespace {

using testing::all_close;
using testing::error_of;
using testing::hash_tensor;
using testing::mentions;
using testing::random_tensor;
using testing::SmallNetwork;

constexpr std::int64_t kTokens = SmallNetwork::kTokens, kWidth = SmallNetwork::kWidth;
/// A dozen ops of float32 on values of the order of 1.
constexpr double kTolerance = 1e-5;

class Carry : public ::testing::Test {
 protected:
  /// Each token's row is a source; offsets go to a further one if `with_offsets`.
  Sources tokens(bool with_offsets) const {
    Sources sources;
    sources.count = kTokens + (with_offsets ? 1 : 0);
    Tensor shares = Tensor::zeros(sources.count * kTokens, kWidth);
    std::ranges::copy(network.rows_of_x().values(), shares.data());
    sources.shares["x"] = std::move(shares);
    if (with_offsets) sources.of_offset = [](const std::string&, std::int64_t) { return kTokens; };
    return sources;
  }
  Sources shares_at(const char* trace_point, Tensor shares, std::int64_t count) const {
    Sources sources;
    sources.count = count;
    sources.shares[trace_point] = std::move(shares);
    return sources;
  }
  Tensor carried(const RuleTable& rules, Sources sources,
                 std::string_view to = "net.normalized") const {
    return carry(network.workspace, network.record, rules, std::move(sources), to);
  }
  std::string error(const RuleTable& rules, Sources sources,
                    std::string_view to = "net.normalized") const {
    return error_of([&] { carried(rules, std::move(sources), to); });
  }
  static std::vector<float> sum_over_sources(const Tensor& shares, std::int64_t count) {
    const std::size_t size = shares.size() / std::size_t(count);
    std::vector<float> sum(size, 0.0f);
    for (std::size_t i = 0; i < shares.size(); ++i) sum[i % size] += shares.data()[i];
    return sum;
  }

  const SmallNetwork network;
};

TEST_F(Carry, SharesAndOffsetsAddUpToTheValue) {
  for (const RuleTable& rules : {contribution_rules(), query_key_rules()}) {
    const Tensor shares = carried(rules, tokens(true));
    EXPECT_TRUE(all_close(sum_over_sources(shares, kTokens + 1),
                          network.record.at("net.normalized").values(), kTolerance))
        << rules.name;
  }
}

TEST_F(Carry, SharesThatTakeOffsetsAlongAddUpWhenPositionsHaveASource) {
  Sources sources = tokens(true);
  const Tensor shares = carried(decompx_rules(), std::move(sources));

  EXPECT_TRUE(all_close(sum_over_sources(shares, kTokens + 1),
                        network.record.at("net.normalized").values(), kTolerance));
}

TEST_F(Carry, GivesTheNumbersOfTheWalkBack) {
  constexpr std::int64_t kTargets = 2;
  for (const RuleTable& rules : {contribution_rules(), query_key_rules()}) {
    const Tensor seed = network.seed("net.normalized", kTargets);
    const Walk walk =
        propagate(network.workspace, network.record, rules, "net.normalized", seed.clone(), {"x"});
    const std::vector<double> back =
        row_shares(rules.moves, walk.gradients.at("x"), network.record.at("x"));
    const Tensor forward = carried(rules, tokens(true));
    const std::int64_t size = kTokens * kWidth;
    for (std::int64_t t = 0; t < kTargets; ++t) {
      const auto of_source = [&](std::int64_t s) {
        return kernels::dot(forward.row(s * kTokens).data(), seed.row(t * kTokens).data(), size);
      };
      for (std::int64_t s = 0; s < kTokens; ++s) {
        EXPECT_NEAR(of_source(s), back[std::size_t(t * kTokens + s)], 2e-5) << rules.name;
      }
      double offsets = 0;
      for (const OffsetShares& offset : walk.offsets) offsets += offset.shares[std::size_t(t)];
      EXPECT_NEAR(of_source(kTokens), offsets, 1e-4) << rules.name;
    }
  }
}

TEST_F(Carry, InChunksIsCarryingAllAtOnce) {
  for (const RuleTable& rules : {contribution_rules(), query_key_rules(), contextual_rules()}) {
    const Tensor all = carried(rules, tokens(false)), rows = network.rows_of_x();
    const std::int64_t size = kTokens * kWidth;
    for (const std::int64_t chunk : {1, 2, 4}) {
      for (std::int64_t first = 0; first + chunk <= kTokens; first += chunk) {
        const std::span<const float> part =
            rows.values().subspan(std::size_t(first * size), std::size_t(chunk * size));
        const Tensor some =
            carried(rules, shares_at("x", Tensor::from(chunk * kTokens, kWidth, part), chunk));
        EXPECT_TRUE(all_close(
            some.values(),
            std::span<const float>(all.values()).subspan(std::size_t(first * size), some.size()),
            0))
            << rules.name << ", " << chunk << " from " << first;
      }
    }
  }
}

TEST_F(Carry, DoesNotAskForRulesOfWhatIsNotRead) {
  // No rule for scores and softmax: with frozen gains the mix does not read the pattern.
  const RuleTable rules{"mine",
                        Moves::kGradient,
                        {{{OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kLayerNorm,
                           OpKind::kActivation, OpKind::kNormalise, OpKind::kAttentionMix},
                          "",
                          frozen_gains()}}};

  EXPECT_TRUE(all_close(carried(rules, tokens(true)).values(),
                        carried(contribution_rules(), tokens(true)).values(), 0));
}

TEST_F(Carry, NamesThePointOpAndTableWhereARuleIsMissing) {
  const RuleTable rules{"mine",
                        Moves::kGradient,
                        {{{OpKind::kAttentionMix}, "", query_key()},
                         {{OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kLayerNorm,
                           OpKind::kActivation, OpKind::kNormalise},
                          "",
                          frozen_gains()}}};

  EXPECT_TRUE(mentions(error(rules, tokens(false)), {"net.pattern", "softmax", "mine"}));
}

TEST_F(Carry, NamesThePointWhereARuleGoesBackOnly) {
  EXPECT_TRUE(mentions(error(gradient_rules(), tokens(false)),
                       {"net.embedded", "derivative", "back from a target only", "add_rows"}));
}

TEST_F(Carry, DoesNotComputeAValueWhoseSharesAreGiven) {
  const Tensor given = random_tensor("given", 2 * kTokens, kWidth);
  Sources sources = shares_at("net.resid_mid", given.clone(), 2);
  sources.shares["x"] = random_tensor("unused", 2 * kTokens, kWidth);
  // The way from x to resid_mid has rules that cannot go forward: it is not taken.
  const RuleTable rules{"mine",
                        Moves::kGradient,
                        {{{OpKind::kLayerNorm, OpKind::kAddRows}, "net.[el]*", derivative()},
                         {{}, "", frozen_gains()}}};

  const Tensor result = carried(rules, std::move(sources), "net.resid_post");

  EXPECT_TRUE(all_close(
      result.values(),
      carried(contribution_rules(), shares_at("net.resid_mid", given.clone(), 2), "net.resid_post")
          .values(),
      0));
}

TEST_F(Carry, HandsBackSharesThatAreGivenWhereTheyAreAskedFor) {
  const Tensor given = random_tensor("given", 2 * kTokens, kWidth);

  EXPECT_TRUE(all_close(
      carried(contribution_rules(), shares_at("net.mlp_pre", given.clone(), 2), "net.mlp_pre")
          .values(),
      given.values(), 0));
}

TEST_F(Carry, GivesEachRowsOffsetToTheSourceAsked) {
  // Two sources without shares of their own; positions of even rows go to the second, the rest of
  // the network's offsets to nobody.
  Sources sources;
  sources.count = 2;
  sources.of_offset = [](const std::string& point, std::int64_t row) {
    return point == "net.embedded" && row % 2 == 0 ? 1 : -1;
  };
  const Tensor result = carried(contribution_rules(), std::move(sources), "net.embedded");

  const Tensor positions = random_tensor("positions", kTokens, kWidth);
  for (std::int64_t r = 0; r < kTokens; ++r) {
    const std::vector<float> none(std::size_t(kWidth), 0.0f);
    EXPECT_TRUE(all_close(result.row(r), none, 0));
    EXPECT_TRUE(all_close(result.row(kTokens + r),
                          r % 2 == 0 ? positions.row(r) : std::span<const float>(none), 0));
  }
}

TEST_F(Carry, LeavesOutOffsetsThatAreNobodys) {
  const Tensor with = carried(contribution_rules(), tokens(true)),
               without = carried(contribution_rules(), tokens(false));

  EXPECT_TRUE(
      all_close(std::span<const float>(with.values()).first(without.size()), without.values(), 0));
}

TEST_F(Carry, RefusesAnOffsetForASourceThatThereIsNot) {
  Sources sources = tokens(false);
  sources.of_offset = [](const std::string& point, std::int64_t) {
    return point == "net.v" ? kTokens : -1;
  };

  EXPECT_TRUE(mentions(error(contribution_rules(), std::move(sources)),
                       {"net.v", "source 6", "there are 6"}));
}

TEST_F(Carry, RefusesSharesOfAnotherShape) {
  EXPECT_TRUE(mentions(
      error(contribution_rules(), shares_at("x", random_tensor("s", 2 * kTokens, kWidth), 3)),
      {"[x]", "3 sources", "18 rows of 8", "got 12 rows of 8"}));
  EXPECT_TRUE(mentions(
      error(contribution_rules(), shares_at("x", random_tensor("s", 2 * kTokens, kWidth + 1), 2)),
      {"[x]", "12 rows of 8", "got 12 rows of 9"}));
}

TEST_F(Carry, RefusesPointsThatWereNotRecorded) {
  EXPECT_TRUE(mentions(error(contribution_rules(), tokens(false), "net.nowhere"), {"net.nowhere"}));
  EXPECT_TRUE(
      mentions(error(contribution_rules(), shares_at("elsewhere", Tensor(), 1)), {"elsewhere"}));
}

TEST_F(Carry, IsEmptyWhereNothingReaches) {
  EXPECT_TRUE(carry(network.workspace, network.record, contribution_rules(),
                    shares_at("net.mlp_pre", Tensor(), 1), "net.normalized")
                  .empty());
  // The mix does not read the pattern with frozen gains.
  EXPECT_TRUE(carry(network.workspace, network.record, contribution_rules(),
                    shares_at("x", Tensor(), 1), "net.z")
                  .empty());
}

TEST_F(Carry, NamesThePointThatIsNotFinite) {
  Tensor huge(kTokens, kWidth);
  huge.fill(3e38f);

  EXPECT_TRUE(mentions(error(contribution_rules(), shares_at("net.resid_mid", std::move(huge), 1)),
                       {"net.", "not finite", "contributions"}));
}

TEST_F(Carry, RefusesATableThatCoversNothing) {
  EXPECT_TRUE(mentions(error({"mine", Moves::kGradient, {}}, tokens(false)), {"mine", "no rows"}));
}

TEST_F(Carry, CanBeCancelled) {
  int calls = 0;
  const Progress stop = [&](std::string_view, std::int64_t done, std::int64_t total) {
    EXPECT_EQ(done, calls);
    EXPECT_EQ(total, 12);  // not q, k, scores and softmax: nothing reads them
    return ++calls < 4;
  };

  EXPECT_THROW(carry(network.workspace, network.record, contribution_rules(), tokens(false),
                     "net.normalized", stop),
               Cancelled);
  EXPECT_EQ(calls, 4);
}

/// Frozen gains that watch where results are put.
class Watching final : public Rule {
 public:
  std::string name() const override { return "watching"; }
  Tensor carry(const Workspace& workspace, const Op& op, const Application& application,
               Inputs shares) const override {
    Tensor result = frozen_gains()->carry(workspace, op, application, shares);
    places.insert(result.data());
    return result;
  }
  mutable std::set<const float*> places;
};

TEST(CarryOfALongChain, KeepsNoMoreThanTwoSharesAtATime) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  Value x = trace.input("x", random_tensor("x", 4, 4));
  for (int i = 0; i < 20; ++i) {
    x = trace.apply("net.", std::to_string(i), std::make_shared<Scale>(1.0f), {x});
  }
  const auto watching = std::make_shared<Watching>();
  Sources sources;
  sources.count = 3;
  sources.shares["x"] = random_tensor("shares", 12, 4);

  carry(workspace, record, {"watching", Moves::kGradient, {{{}, "", watching}}}, std::move(sources),
        "net.19");

  // The arena hands storage that was given back out again.
  EXPECT_LE(watching->places.size(), 2u);
}

TEST(NeedsAllSources, AsksTheRuleThatEachOpReallyHas) {
  const SmallNetwork network;
  const RuleTable hidden{
      "mine", Moves::kGradient, {{{}, "", frozen_gains()}, {{}, "", shared_offsets()}}};
  const RuleTable elsewhere{
      "mine",
      Moves::kGradient,
      {{{OpKind::kPatchify}, "", shared_offsets()}, {{}, "", frozen_gains()}}};

  EXPECT_TRUE(needs_all_sources(network.record, decompx_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, contextual_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, contribution_rules()));
  EXPECT_FALSE(needs_all_sources(network.record, hidden));
  EXPECT_FALSE(needs_all_sources(network.record, elsewhere));
}

}  // namespace
}  // namespace whyclip
