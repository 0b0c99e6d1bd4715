#include "whyclip/evaluation/budget.h"

#include <gtest/gtest.h>

#include "whyclip/evaluation/evaluation_plan.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace budget_test {

TEST(QuickBudget, SetsOptionsThatMethodsAndMetricsHave) {
  int set = 0;
  for (const Method& method : methods()) {
    const auto budget = quick_budget(method.info.name);
    EXPECT_NO_THROW(MethodSettings(method.info, budget)) << method.info.name;
    set += int(!budget.empty());
  }
  for (const Metric& metric : metrics()) {
    const auto budget = quick_budget(metric.info.name);
    EXPECT_NO_THROW(metric.settings(budget)) << metric.info.name;
    set += int(!budget.empty());
  }
  EXPECT_EQ(quick_budget("gae").size(), 0U);
  EXPECT_GT(set, 30);
}

TEST(QuickBudget, ReducesTheStepsOfCurves) {
  EXPECT_EQ(quick_budget("srg").at("steps"), "4");
  EXPECT_EQ(quick_budget("deletion-accuracy").at("steps"), "4");
  EXPECT_EQ(quick_budget("insertion-road").at("steps"), "2");
}

TEST(PlannedMetric, OverridesTheBudgetByItsOptionsAndNamesOnlyThem) {
  const PlannedMetric planned{&find_metric("srg"), {{"steps", "20"}}, {{"steps", "4"}}};
  EXPECT_EQ(planned.settings().count("steps"), 20);
  EXPECT_EQ(planned.label(), "srg steps=20");
  const PlannedMetric quick{&find_metric("srg"), {}, {{"steps", "4"}}};
  EXPECT_EQ(quick.settings().count("steps"), 4);
  EXPECT_EQ(quick.label(), "srg");
}

}  // namespace budget_test
}  // namespace whyclip
