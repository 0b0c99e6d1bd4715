// The published forward tracing as a method.

#include "whyclip/article/published_method.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace published_method_test {

using testing::error_of;
using testing::mentions;

class PublishedMethod : public testing::MethodsOfTiny {};

TEST_F(PublishedMethod, HasTheContributionsOfTheTracing) {
  const Attribution map = attribution("published");
  const Contributions c = published_contributions(context.recorded(), {&context.target(), 1}).at(0);
  EXPECT_EQ(map.patches, c.patches);
  EXPECT_EQ(map.elsewhere, c.sum - c.patch_sum);
  EXPECT_EQ(map.total, c.logit);
  EXPECT_EQ(c.method, "published");
  EXPECT_FALSE(map.ledger);
}

TEST_F(PublishedMethod, HasALedgerOnRequest) {
  context.set_detail(LedgerDetail::kSources);
  const Attribution map = attribution("published");
  ASSERT_TRUE(map.ledger);
  EXPECT_NEAR(*map.elsewhere, map.ledger->class_token, 1e-9);
  EXPECT_GE(map.ledger->cancellation, 1 - 1e-6);
  EXPECT_TRUE(map.ledger->biases.empty());
}

TEST_F(PublishedMethod, IsNotConservative) {
  for (const Contributions& c :
       published_contributions(context.recorded(), testing::tiny_targets())) {
    EXPECT_TRUE(std::ranges::all_of(c.patches, [](float v) { return std::isfinite(v); }));
    EXPECT_EQ(c.residual, c.logit - c.sum);
    EXPECT_GT(std::abs(c.residual) / (1 + std::abs(c.logit)), 1e-2);
  }
}

TEST_F(PublishedMethod, SeveralTargetsAtOnceEqualSingleTargets) {
  const std::vector<Target> targets = testing::tiny_targets();
  const auto together = published_contributions(context.recorded(), targets);
  ASSERT_EQ(together.size(), targets.size());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const auto alone = published_contributions(context.recorded(), {&targets[t], 1});
    EXPECT_EQ(together[t].patches, alone.at(0).patches);
    EXPECT_EQ(together[t].sum, alone.at(0).sum);
  }
}

TEST_F(PublishedMethod, IsNotAmongAllMethodsAndHasNoOptions) {
  const MethodInfo info = published_method().info;
  EXPECT_FALSE(info.in_all);
  EXPECT_FALSE(info.complete);
  EXPECT_TRUE(mentions(error_of([&] {
                         attribution("published", {{"biases", "own"}});
                       }),
                       {"published", "biases"}));
}

TEST_F(PublishedMethod, RejectsAnEmptyListOfTargets) {
  EXPECT_TRUE(
      mentions(error_of([&] { published_contributions(context.recorded(), {}); }), {"targets"}));
}

TEST_F(PublishedMethod, CanBeCancelled) {
  EXPECT_THROW(published_contributions(context.recorded(), testing::tiny_targets(),
                                       [](auto...) { return false; }),
               Cancelled);
}

}  // namespace published_method_test
}  // namespace whyclip
