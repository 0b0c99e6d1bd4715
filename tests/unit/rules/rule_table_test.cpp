#include "whyclip/rules/rule_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/errors.h"
#include "tests/unit/rules/small_network.h"
#include "whyclip/ops/scale.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace rule_table_test {

using testing::error_of;
using testing::mentions;
using testing::SmallNetwork;

Step step(const char* name, OpPtr op) { return {name, std::move(op), {}, 0, {}}; }

const Step kScaleStep = step("net.blocks.3.scaled", std::make_shared<Scale>(2.0f));
const Step kAddStep = step("net.blocks.3.sum", std::make_shared<Add>());

RuleTable table(std::vector<RuleRow> rows, Quantity quantity = Quantity::kGradient) {
  return {"mine", quantity, std::move(rows)};
}

TEST(RuleTable, AppliesTheFirstRowThatMatches) {
  const RuleTable rules = table({{{OpKind::kAdd}, "", constant()},
                                 {{OpKind::kScale}, "", frozen_gains()},
                                 {{OpKind::kScale}, "", derivative()},
                                 {{}, "", constant()}});

  EXPECT_EQ(&rules.find(kScaleStep), frozen_gains().get());
  EXPECT_EQ(&rules.find(kAddStep), constant().get());
}

TEST(RuleTable, MatchesTracePointsByPattern) {
  const auto matches = [](const char* at) {
    return RuleRow{{}, at, derivative()}.matches(kScaleStep);
  };

  EXPECT_TRUE(matches("net.blocks.3.scaled"));
  EXPECT_TRUE(matches("net.blocks.*"));
  EXPECT_TRUE(matches("*.scaled"));
  EXPECT_TRUE(matches("net.blocks.[2-4].scaled"));
  EXPECT_TRUE(matches("net.blocks.?.scaled"));
  EXPECT_FALSE(matches("net.blocks.1?.scaled"));
  EXPECT_FALSE(matches("net.blocks"));
  EXPECT_FALSE(matches("blocks.*"));
}

TEST(RuleTable, RequiresBothKindAndTracePointToMatch) {
  const RuleRow row{{OpKind::kScale}, "*.sum", derivative()};

  EXPECT_FALSE(row.matches(kScaleStep));
  EXPECT_FALSE(row.matches(kAddStep));
}

TEST(RuleTable, NamesTracePointOpAndTableIfNoRowMatches) {
  const RuleTable rules = table({{{OpKind::kAdd}, "", derivative()}});

  EXPECT_TRUE(mentions(error_of([&] { rules.find(kScaleStep); }),
                       {"net.blocks.3.scaled", "scale", "mine"}));
}

TEST(RuleTable, IsRefusedWithoutRows) {
  const SmallNetwork network;

  EXPECT_TRUE(
      mentions(error_of([&] { table({}).check_covers(network.record); }), {"mine", "no rows"}));
}

TEST(RuleTable, IsRefusedIfARowMatchesNoOp) {
  const SmallNetwork network;
  const auto check = [&](RuleRow row) {
    return error_of([&] {
      table({std::move(row), {{}, "", derivative()}}).check_covers(network.record);
    });
  };

  EXPECT_TRUE(mentions(check({{}, "net.mlp_*", frozen_gains()}), {"(no error)"}));
  EXPECT_TRUE(mentions(check({{}, "vision.blocks.99.*", frozen_gains()}),
                       {"mine", "vision.blocks.99.*", "frozen", "matches no op"}));
  // This trace point exists, but belongs to another op.
  EXPECT_TRUE(
      mentions(check({{OpKind::kScale}, "net.mlp_pre", frozen_gains()}), {"mine", "net.mlp_pre"}));
}

TEST(RuleTable, IsRefusedIfARuleIsForAnotherQuantity) {
  const SmallNetwork network;
  const RuleTable gradient = table({{{}, "", identity()}}),
                  relevance = table({{{}, "", frozen_gains()}}, Quantity::kRelevance),
                  nothing = table({{{}, "", constant()}}, Quantity::kRelevance);

  EXPECT_TRUE(mentions(error_of([&] { gradient.check_covers(network.record); }),
                       {"mine", "propagates gradient", "identity"}));
  EXPECT_TRUE(mentions(error_of([&] { relevance.check_covers(network.record); }),
                       {"mine", "propagates relevance", "frozen"}));
  EXPECT_NO_THROW(nothing.check_covers(network.record));
}

TEST(Families, CoverEveryKindOfOpOnce) {
  std::vector<int> kinds;
  for (const char* family : {"routing", "linear", "bilinear", "nonlinear"}) {
    for (const OpKind kind : kinds_of_family(family)) kinds.push_back(int(kind));
  }
  std::ranges::sort(kinds);
  std::vector<int> every;
  for (int kind = 0; kind <= int(OpKind::kNormalise); ++kind) every.push_back(kind);

  EXPECT_EQ(kinds, every);
  EXPECT_TRUE(kinds_of_family("curved").empty());
}

TEST(PublishedTables, AreAcceptedByARecordOfEveryOpOfABlock) {
  const SmallNetwork network;
  for (const RuleTable& rules :
       {gradient_rules(), contribution_rules(), query_key_rules(), epsilon_rules(), gamma_rules(),
        z_plus_rules(), attn_lrp_rules(), attn_lrp_vit_rules(), cp_lrp_rules(),
        beyond_attention_rules(), decompx_rules(), contextual_rules()}) {
    EXPECT_NO_THROW(rules.check_covers(network.record)) << rules.name;
  }
}

TEST(PublishedTables, AssignTheRulesOfTheirPublications) {
  const SmallNetwork network;
  const auto rule_at = [&](const RuleTable& rules, std::string_view point) {
    const auto& steps = network.record.steps();
    return rules.find(*std::ranges::find_if(steps, [&](const Step& s) { return s.name == point; }))
        .name();
  };

  EXPECT_EQ(rule_at(query_key_rules(4), "net.pattern"), "query_key 4 nodes");
  EXPECT_EQ(rule_at(contribution_rules(), "net.pattern"), "constant");
  EXPECT_EQ(rule_at(attn_lrp_rules(), "net.scores"), "uniform 1e-06");
  EXPECT_EQ(rule_at(attn_lrp_rules(), "net.pattern"), "softmax_taylor");
  EXPECT_EQ(rule_at(attn_lrp_rules(), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(attn_lrp_rules(), "net.normalized"), "identity");
  EXPECT_EQ(rule_at(attn_lrp_vit_rules(), "net.mlp_pre"), "gamma 0.05");
  EXPECT_EQ(rule_at(attn_lrp_vit_rules(), "net.mlp_out"), "gamma 0.05");
  EXPECT_EQ(rule_at(attn_lrp_vit_rules(), "net.attn_out"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(attn_lrp_vit_rules(), "net.z"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(attn_lrp_vit_rules(), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(cp_lrp_rules(), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(epsilon_rules(0.5), "net.mlp_pre"), "epsilon 0.5");
  EXPECT_EQ(rule_at(epsilon_rules(0.5), "net.z"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(gamma_rules(), "net.mlp_pre"), "gamma 0.25");
  EXPECT_EQ(rule_at(gamma_rules(), "net.resid_mid"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(gamma_rules(), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(z_plus_rules(), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(epsilon_rules(0.5), "net.ln1"), "epsilon 1e-06");
  EXPECT_EQ(rule_at(z_plus_rules(), "net.mlp_out"), "z_plus");
  EXPECT_EQ(rule_at(beyond_attention_rules(), "net.mlp_out"), "z_plus_without_bias");
  EXPECT_EQ(rule_at(beyond_attention_rules(), "net.scores"), "balanced 1e-09");
  EXPECT_EQ(rule_at(beyond_attention_rules(), "net.resid_mid"), "balanced 1e-09");
}

TEST(PublishedTables, PassNormsUnchangedWithIdentityNorms) {
  const SmallNetwork network;
  const RuleTable before = attn_lrp_rules(), after = with_identity_norms(before);
  for (const Step& step : network.record.steps()) {
    const bool norm = step.op->kind() == OpKind::kLayerNorm;
    EXPECT_EQ(after.find(step).name(), norm ? "identity" : before.find(step).name()) << step.name;
  }
  EXPECT_EQ(after.name, "attnlrp");
  EXPECT_TRUE(mentions(error_of([] { with_identity_norms(contribution_rules()); }),
                       {"contributions", "gradient", "relevance"}));
}

TEST(PublishedTables, RefuseParametersOutOfRange) {
  EXPECT_TRUE(mentions(error_of([] { query_key_rules(0); }), {"nodes", "1 to 64"}));
  EXPECT_TRUE(mentions(error_of([] { epsilon_rules(0); }), {"epsilon", "above 0"}));
  EXPECT_TRUE(mentions(error_of([] { gamma_rules(-1); }), {"gamma", "0 or more"}));
}

}  // namespace rule_table_test
}  // namespace whyclip
