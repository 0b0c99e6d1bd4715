// What run() makes of a method's own values.

#include <gtest/gtest.h>

#include <map>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace run_test {

using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

class RunOfTiny : public ::testing::Test {
 protected:
  /// A method with these values.
  Attribution run_of(const MethodInfo& info, const Attribution& values) {
    const Method method{
        info, [&](ExplanationContext&, const MethodSettings&, const Progress&) { return values; }};
    return run(method, MethodSettings(info), context);
  }
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, tiny_image(16, 20), tiny_targets()[0]};
};

TEST_F(RunOfTiny, OfACompleteMethodIsCompleteIfItsContributionsAddUp) {
  // The tolerance is 0.001 · (1 + 9) = 0.01.
  const Attribution close = run_of({.name = "example", .complete = true},
                                   {.patches = {4, -2}, .elsewhere = 6.995, .total = 9});
  EXPECT_TRUE(close.complete);
  EXPECT_TRUE(close.notes.empty());

  const Attribution far = run_of({.name = "example", .complete = true},
                                 {.patches = {4, -2}, .elsewhere = 6.5, .total = 9});
  EXPECT_FALSE(far.complete);
  ASSERT_EQ(far.notes.size(), 1U);
  EXPECT_TRUE(mentions(far.notes[0], {"8.5000 instead of 9.0000", "residual is +0.5000"}));
}

TEST_F(RunOfTiny, OfAnotherMethodIsNotCompleteEvenIfItAddsUp) {
  const Attribution map = run_of({.name = "example"}, {.patches = {4, 5}, .total = 9});
  EXPECT_FALSE(map.complete);
  EXPECT_TRUE(map.notes.empty());
}

TEST_F(RunOfTiny, IsUnsignedIfTheMethodOrItsOptionsSaySoAndNoValueIsNegative) {
  EXPECT_TRUE(run_of({.name = "example"}, {.patches = {1, 2}}).is_signed);
  EXPECT_FALSE(run_of({.name = "example", .is_signed = false}, {.patches = {1, 2}}).is_signed);
  EXPECT_FALSE(run_of({.name = "example"}, {.patches = {1, 2}, .is_signed = false}).is_signed);
  EXPECT_TRUE(run_of({.name = "example", .is_signed = false}, {.patches = {1, -2}}).is_signed);
  // −1e-9 of 1 is rounding.
  EXPECT_FALSE(run_of({.name = "example", .is_signed = false}, {.patches = {1, -1e-9f}}).is_signed);
}

TEST_F(RunOfTiny, HasATotalAndBalancesWhereTheMethodsInfoSaysSo) {
  context.set_detail(LedgerDetail::kBalances);
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    if (!method.run || info.family == MethodFamily::kOptimisation) continue;  // many steps
    std::map<std::string, std::string> quick;
    for (const MethodOption& option : info.options) {
      if (!option.quick.empty()) quick[option.name] = option.quick;
    }
    const Attribution map = run(method, MethodSettings(info, quick), context);
    EXPECT_EQ(map.total.has_value(), info.has_total) << info.name;
    EXPECT_EQ(map.ledger && !map.ledger->balances.empty(), info.balances) << info.name;
    if (!info.in_logits) {
      EXPECT_FALSE(map.ledger) << info.name;
    }
  }
}

TEST_F(RunOfTiny, RanksOfRegionsAreUnsignedAndGainsAreSigned) {
  const Method& method = find_method("submodular");
  EXPECT_FALSE(run(method, MethodSettings(method.info, {{"map", "rank"}}), context).is_signed);
  EXPECT_TRUE(run(method, MethodSettings(method.info, {{"map", "gain"}}), context).is_signed);
}

TEST_F(RunOfTiny, ValuesOfRegionsAreSumsInLogitsAndOtherwiseMeans) {
  const std::vector<int> region{0, 2};
  const Attribution logits = run_of({.name = "example", .in_logits = true}, {.patches = {1, 9, 4}});
  EXPECT_EQ(logits.region_value(region), 5);
  EXPECT_EQ(logits.region_statistic(), "sum");
  const Attribution others = run_of({.name = "example"}, {.patches = {1, 9, 4}});
  EXPECT_EQ(others.region_value(region), 2.5);
  EXPECT_EQ(others.region_statistic(), "mean");
}

TEST_F(RunOfTiny, AggregationsHaveTheClassTokenElsewhereAndNoLedger) {
  const Method& method = find_method("globenc");
  const Attribution map = run(method, MethodSettings(method.info), context);
  ASSERT_TRUE(map.elsewhere);
  EXPECT_NEAR(map.patch_sum() + *map.elsewhere, 1, 1e-6);  // fractions of one
  EXPECT_FALSE(map.ledger);
  EXPECT_FALSE(map.residual());
}

}  // namespace run_test
}  // namespace whyclip
