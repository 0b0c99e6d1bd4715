#include "whyclip/metrics/metric.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/errors.h"

namespace whyclip {
namespace metric_test {

using testing::error_of;

TEST(Metrics, HaveUniqueNamesAndDescriptions) {
  std::set<std::string> names;
  for (const Metric& metric : metrics()) {
    EXPECT_TRUE(names.insert(metric.info.name).second) << metric.info.name;
    EXPECT_FALSE(metric.info.summary.empty()) << metric.info.name;
    EXPECT_FALSE(metric.info.protocol.empty()) << metric.info.name;
    EXPECT_FALSE(metric.info.reference.empty()) << metric.info.name;
    EXPECT_TRUE(metric.combine || metric.info.statistics.size() == 1) << metric.info.name;
  }
}

TEST(Metrics, AnUnknownNameIsAnErrorThatListsTheNames) {
  const std::string error = error_of([] { find_metric("delete"); });
  EXPECT_TRUE(testing::mentions(error, {"got \"delete\""}));
  EXPECT_TRUE(testing::mentions(error, {"insertion-mean"}));
}

TEST(Metrics, AnOptionOutOfRangeIsAnErrorWithTheMetricsName) {
  const std::string error = error_of([] { find_metric("deletion").settings({{"steps", "0"}}); });
  EXPECT_TRUE(testing::mentions(error, {"deletion: steps"}));
}

TEST(Interval, OfEqualImagesHasNoWidth) {
  const std::vector<std::vector<double>> statistics(5, {3.0});
  const auto interval =
      interval_of(find_metric("deletion"), statistics, bootstrap_draws(5, 100, 1)).value();
  EXPECT_EQ(interval.value, 3);
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
  EXPECT_EQ(interval.images, 5);
}

TEST(Interval, ExcludesImagesWithoutAValue) {
  const std::vector<std::vector<double>> statistics{{1.0}, {}, {3.0}};
  const auto interval =
      interval_of(find_metric("deletion"), statistics, bootstrap_draws(3, 100, 1)).value();
  EXPECT_EQ(interval.value, 2);
  EXPECT_EQ(interval.images, 2);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 3);
}

TEST(Interval, IsNoneIfNoImageHasAValue) {
  const std::vector<std::vector<double>> statistics(3);
  EXPECT_FALSE(interval_of(find_metric("deletion"), statistics, bootstrap_draws(3, 10, 1)));
}

TEST(Interval, OfManyImagesIsAboutTwoStandardErrorsToEachSide) {
  std::vector<std::vector<double>> statistics;
  for (int i = 0; i < 400; ++i) statistics.push_back({double(i % 2)});
  const auto interval =
      interval_of(find_metric("deletion"), statistics, bootstrap_draws(400, 2000, 1)).value();
  // Standard error 0.5 / √400 = 0.025; 2000 draws determine the quantiles to about 0.002.
  EXPECT_NEAR(interval.low, 0.5 - 1.96 * 0.025, 0.006);
  EXPECT_NEAR(interval.high, 0.5 + 1.96 * 0.025, 0.006);
}

TEST(Interval, RejectsDrawsOfAnotherNumberOfImages) {
  const std::vector<std::vector<double>> statistics(3, {1.0});
  EXPECT_TRUE(testing::mentions(error_of([&] {
                                  interval_of(find_metric("deletion"), statistics,
                                              bootstrap_draws(4, 10, 1));
                                }),
                                {"draws of 3 images, got 4"}));
}

TEST(Interval, MeanIntersectionOverUnionIsOfTheWholeSet) {
  // True negatives, false positives, false negatives, true positives.
  const std::vector<std::vector<double>> statistics{{6, 2, 1, 3}, {10, 0, 4, 0}};
  const auto draws = bootstrap_draws(2, 10, 1);
  EXPECT_DOUBLE_EQ(interval_of(find_metric("miou"), statistics, draws)->value,
                   0.5 * (16.0 / 23 + 3.0 / 10));
  EXPECT_DOUBLE_EQ(interval_of(find_metric("pixel-accuracy"), statistics, draws)->value, 19.0 / 26);
}

TEST(Interval, OfCancellationIsTheMedian) {
  const std::vector<std::vector<double>> statistics{{1.0}, {2.0}, {1000.0}};
  EXPECT_EQ(interval_of(find_metric("cancellation"), statistics, bootstrap_draws(3, 10, 1))->value,
            2);
}

}  // namespace metric_test
}  // namespace whyclip
