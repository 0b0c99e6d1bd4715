#include "whyclip/evaluation/run_evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"
#include "whyclip/evaluation/summary.h"

namespace whyclip {
namespace run_evaluation_test {

using testing::mentions;

/// Two golden images, three methods and a baseline.
class Evaluations : public ::testing::Test {
 protected:
  Evaluations() {
    for (const testing::ToonsCase& one :
         {testing::kToonsContrasts[0], testing::kToonsContrasts[3]}) {
      plan.samples.push_back({.name = one.image, .load = [one] {
                                const testing::Golden golden(std::string("toons/") + one.image);
                                return LoadedSample{.image = testing::toons_image(golden),
                                                    .target = testing::toons_target(one, "class"),
                                                    .ground_truth = {.class_index = 0}};
                              }});
    }
    for (const char* name : {"gae", "contributions", "rollout"}) {
      plan.methods.push_back({.method = &find_method(name)});
    }
    plan.methods.push_back({.method = &baselines()[0]});
    for (const char* name : {"deletion", "srg", "completeness", "gini", "max-sensitivity"}) {
      plan.metrics.push_back({.metric = &find_metric(name)});
    }
    plan.metrics.back().options = {{"samples", "1"}};
    plan.rerun_images = 1;
  }

  std::vector<MethodResult> results(int threads) {
    const testing::TemporaryFolder folder;
    ResultStore store(folder.path(), {});
    run_evaluation(clip, testing::toons_classes(), plan, store, {.threads = threads});
    std::vector<MethodResult> sorted = store.results();
    std::ranges::sort(sorted, {}, [](const MethodResult& r) { return r.sample + r.method; });
    return sorted;
  }
  static void expect_same(const std::vector<MethodResult>& a, const std::vector<MethodResult>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].sample, b[i].sample);
      EXPECT_EQ(a[i].method, b[i].method);
      for (const auto& entry : a[i].metrics) {
        EXPECT_EQ(entry.second.statistics, b[i].metrics.at(entry.first).statistics) << entry.first;
      }
    }
  }

  Clip clip = Clip::embedded({.threads = 1, .cache = {}});
  EvaluationPlan plan;
};

TEST_F(Evaluations, MeasureEveryMethodOnEveryImage) {
  const std::vector<MethodResult> all = results(1);
  ASSERT_EQ(all.size(), 8U);
  for (const MethodResult& r : all) {
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.metrics.at("deletion").statistics.size(), 1U) << r.method;
    EXPECT_EQ(r.curves.at("drop").most_first.size(), 11U);
  }
}

TEST_F(Evaluations, DoNotDependOnTheNumberOfThreads) { expect_same(results(1), results(2)); }

TEST_F(Evaluations, RunMethodsAgainOnSomeImagesOnly) {
  int measured = 0;
  for (const MethodResult& r : results(1)) {
    measured += r.metrics.contains("max-sensitivity samples=1") ? 1 : 0;
  }
  EXPECT_EQ(measured, 4);
}

TEST_F(Evaluations, ContinueAfterAnInterruption) {
  const testing::TemporaryFolder folder;
  int reports = 0;
  {
    ResultStore store(folder.path(), {});
    const EvaluationRun run =
        run_evaluation(clip, testing::toons_classes(), plan, store, {.threads = 1},
                       [&](std::string_view, std::int64_t done, std::int64_t) {
                         ++reports;
                         return done < 3;
                       });
    EXPECT_TRUE(run.interrupted);
    EXPECT_EQ(store.results().size(), 3U);
  }
  ResultStore store(folder.path(), {});
  std::int64_t first = -1;
  run_evaluation(clip, testing::toons_classes(), plan, store, {.threads = 1},
                 [&](std::string_view, std::int64_t done, std::int64_t total) {
                   if (first < 0) first = done;
                   EXPECT_EQ(total, 8);
                   return true;
                 });
  EXPECT_EQ(first, 3);
  std::vector<MethodResult> sorted = store.results();
  std::ranges::sort(sorted, {}, [](const MethodResult& r) { return r.sample + r.method; });
  const std::vector<MethodResult> expected = results(1);
  ASSERT_EQ(sorted.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    // Results read from the file have six digits.
    EXPECT_NEAR(sorted[i].metrics.at("deletion").statistics[0],
                expected[i].metrics.at("deletion").statistics[0], 1e-4);
  }
}

TEST_F(Evaluations, NameTheSkippedImagesWhenInterrupted) {
  plan.samples[0].load = []() -> LoadedSample { throw Error("cat.png", "is broken"); };
  const testing::TemporaryFolder folder;
  ResultStore store(folder.path(), {});
  // The methods of a skipped image count as done.
  const auto stop = [](std::string_view, std::int64_t done, std::int64_t) { return done < 5; };
  const EvaluationRun run =
      run_evaluation(clip, testing::toons_classes(), plan, store, {.threads = 1}, stop);
  EXPECT_TRUE(run.interrupted);
  ASSERT_EQ(run.skipped.size(), 1U);
  EXPECT_TRUE(mentions(run.skipped.begin()->second, {"is broken"}));
}

TEST_F(Evaluations, SkipAnImageThatCannotBeUsed) {
  plan.samples[0].load = []() -> LoadedSample { throw Error("cat.png", "is broken"); };
  const testing::TemporaryFolder folder;
  ResultStore store(folder.path(), {});
  const EvaluationRun run =
      run_evaluation(clip, testing::toons_classes(), plan, store, {.threads = 2});
  ASSERT_EQ(run.skipped.size(), 1U);
  EXPECT_TRUE(
      mentions(run.skipped.begin()->first + run.skipped.begin()->second, {"cat", "is broken"}));
  EXPECT_EQ(store.results().size(), 4U);
}

TEST_F(Evaluations, RecordAMethodThatFails) {
  Method failing = find_method("gae");
  failing.run = [](ExplanationContext&, const MethodSettings&, const Progress&) -> Attribution {
    throw Error("gae", "cannot do this");
  };
  plan.methods = {{.method = &failing}};
  const std::vector<MethodResult> all = results(1);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(mentions(all[0].error, {"cannot do this"}));
  const Leaderboard board = summarise(plan, all);
  EXPECT_FALSE(board.rows[0].cells[0].value.has_value());
  EXPECT_TRUE(mentions(board.rows[0].cells[0].reason, {"cannot do this"}));
  EXPECT_TRUE(mentions(board.notes.at(0), {"gae failed on 2 of 2 images"}));
}

TEST_F(Evaluations, AreSummarisedByMethodAndMetric) {
  const std::vector<MethodResult> all = results(2);
  const Leaderboard board = summarise(plan, all, {.resamples = 200});
  ASSERT_EQ(board.columns.size(), 5U);
  ASSERT_EQ(board.rows.size(), 4U);
  EXPECT_FALSE(board.columns[0].higher_is_better);
  EXPECT_FALSE(board.columns[3].ranked);
  EXPECT_TRUE(board.rows[3].baseline);
  double mean = 0;
  for (const MethodResult& r : all) {
    if (r.method == "gae") mean += r.metrics.at("deletion").statistics[0] / 2;
  }
  EXPECT_NEAR(board.rows[0].cells[0].value.value(), mean, 1e-12);
  EXPECT_EQ(board.rows[0].cells[0].images, 2);
  EXPECT_LE(*board.rows[0].cells[0].low, *board.rows[0].cells[0].value);
  EXPECT_EQ(board.rows[0].cells[4].images, 1);
  EXPECT_FALSE(board.rows[0].cells[2].value.has_value());  // GAE has no unit
  EXPECT_EQ(board.curves.at(0).fractions.size(), 11U);
  EXPECT_TRUE(board.notes.empty());
}

TEST_F(Evaluations, NoteThatTheyAreNotFinished) {
  const std::vector<MethodResult> all = results(1);
  const Leaderboard board = summarise(plan, std::span(all).first(3));
  EXPECT_TRUE(mentions(board.notes.at(0), {"Not finished: 3 of 8"}));
}

TEST(EvenlySpaced, TakesAllIndicesIfFewerThanRequested) {
  EXPECT_EQ(evenly_spaced(6, 2), (std::vector{2, 5}));
  EXPECT_EQ(evenly_spaced(3, 5), (std::vector{0, 1, 2}));
  EXPECT_TRUE(evenly_spaced(0, 5).empty());
}

TEST(EvaluationPlan, SpacesRerunImagesEvenlyWithoutMosaics) {
  EvaluationPlan plan{.rerun_images = 2};
  for (int i = 0; i < 6; ++i) plan.samples.push_back({.name = "x", .mosaic = i == 0});
  EXPECT_EQ(plan.rerun_samples(), (std::vector{false, false, false, true, false, true}));
  plan.rerun_images = 100;
  EXPECT_EQ(plan.rerun_samples(), (std::vector{false, true, true, true, true, true}));
}

TEST(EvaluationPlan, LabelsNameTheGivenOptions) {
  EXPECT_EQ((PlannedMethod{&find_method("rise"), {{"masks", "300"}}}.label()), "rise masks=300");
  EXPECT_EQ((PlannedMetric{&find_metric("deletion")}.label()), "deletion");
}

}  // namespace run_evaluation_test
}  // namespace whyclip
