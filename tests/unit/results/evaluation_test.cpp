#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/evaluate.h"
#include "whyclip/evaluation/run_evaluation.h"
#include "whyclip/evaluation/samples.h"
#include "whyclip/evaluation/summary.h"
#include "whyclip/metrics/metric_choice.h"
#include "whyclip/pages/result_pages.h"
#include "whyclip/text/templates.h"
#include "whyclip/zero_shot.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;

Dataset toons_set() { return open_dataset(testing::repository_file("datasets/toons")); }

/// Cheap methods and metrics on two images.
EvaluateOptions small() {
  return {.classifier = {.templates = "simple"},
          .methods = {"gae", "contributions"},
          .metrics = {"srg", "miou", "completeness", "gini"},
          .images = 2,
          .mosaics = 0,
          .resamples = 20};
}

const LeaderboardRow& row(const Evaluation& e, const std::string& name) {
  return *std::ranges::find(e.table.rows, name, &LeaderboardRow::name);
}

const LeaderboardCell& cell(const Evaluation& e, const std::string& method,
                            const std::string& metric) {
  const auto column = std::ranges::find(e.table.columns, metric, &LeaderboardColumn::name);
  return row(e, method).cells.at(std::size_t(column - e.table.columns.begin()));
}

class Evaluate : public ::testing::Test {
 protected:
  static const Evaluation& result() {
    static const Evaluation e = evaluate(Clip::embedded({.threads = 1}), toons_set(), small());
    return e;
  }
};

TEST_F(Evaluate, MeasuresMethodsAndBaselinesByAllMetrics) {
  ASSERT_EQ(result().table.rows.size(), 2 + baselines().size());
  ASSERT_EQ(result().table.columns.size(), 4U);
  EXPECT_EQ(result().images, 2);
  EXPECT_EQ(row(result(), "gae").cells.at(1).images, 2);  // srg; completeness does not apply
  EXPECT_TRUE(result().complete());
  EXPECT_FALSE(result().interrupted);
  EXPECT_TRUE(mentions(result().table.headline, {"2 methods", "2 images"}));
}

TEST_F(Evaluate, IsTheTableOfTheSteps) {
  const Clip clip = Clip::embedded({.threads = 1});
  const Dataset dataset = toons_set();
  const ZeroShot zero_shot = zero_shot_classes(clip, dataset.classes(), simple_templates());
  EvaluationPlan plan{.samples = evaluation_samples(clip, zero_shot, dataset, {.images = 2}),
                      .methods = {{.method = &find_method("gae")}},
                      .metrics = {{.metric = &find_metric("gini")}}};
  ResultStore store;
  run_evaluation(clip, zero_shot, plan, store, {.threads = 1});
  const Leaderboard table = summarise(plan, store.results(), {.resamples = 20});
  EXPECT_EQ(cell(result(), "gae", "gini").value, table.rows[0].cells[0].value);
  EXPECT_EQ(cell(result(), "gae", "gini").low, table.rows[0].cells[0].low);
}

TEST_F(Evaluate, RanksRowsByTheMeanRank) {
  std::vector<int> ranks;
  for (const LeaderboardRow& one : result().table.rows) ranks.push_back(one.rank);
  std::ranges::sort(ranks);
  for (std::size_t r = 0; r < ranks.size(); ++r) EXPECT_EQ(ranks[r], int(r) + 1);
}

TEST_F(Evaluate, OpensTheModelOnceWithoutMetricsOfRandomisation) {
  int opened = 0;
  EvaluateOptions options = small();
  options.metrics = {"gini"};
  options.model_factory = [&](WeightTransform transform) {
    ++opened;
    return Clip::embedded({.threads = 1, .vision_weight_transform = std::move(transform)});
  };
  evaluate(Clip::embedded(), toons_set(), options);
  EXPECT_EQ(opened, 1);
}

TEST_F(Evaluate, StopsWhenProgressSaysSo) {
  EvaluateOptions options = small();
  options.progress = [](auto...) { return false; };
  EXPECT_THROW(evaluate(Clip::embedded(), toons_set(), options), Cancelled);
}

TEST_F(Evaluate, KeepsWhatWasMeasuredWhenInterrupted) {
  EvaluateOptions options = small();
  options.progress = [](std::string_view stage, std::int64_t done, std::int64_t) {
    return stage != "evaluating" || done < 2;
  };
  options.threads = 1;
  const Evaluation e = evaluate(Clip::embedded({.threads = 1}), toons_set(), options);
  EXPECT_TRUE(e.interrupted);
  EXPECT_TRUE(mentions(e.table.notes.at(0), {"Not finished"}));
}

TEST_F(Evaluate, RefusesOptionsThatDoNotFit) {
  const Clip clip = Clip::embedded();
  const Dataset set = toons_set();
  const auto refusal = [&](const auto& change) {
    EvaluateOptions options = small();
    change(options);
    return error_of([&] { evaluate(clip, set, options); });
  };
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.methods = {"gea"}; }), {"gea"}));
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.metrics = {"category:x"}; }), {"category", "x"}));
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.method_options["gae"]["x"] = "1"; }), {"gae", "x"}));
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.metric_options["deletion"]["steps"] = "3"; }),
                       {"deletion is not among"}));
}

TEST_F(Evaluate, JsonLosesNothing) {
  const std::string text = to_json(result());
  const Evaluation again = evaluation_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(cell(again, "gae", "srg").value, cell(result(), "gae", "srg").value);
  EXPECT_EQ(page_of(again), page_of(result()));
  EXPECT_TRUE(to_json(result(), -1).starts_with(R"({"format":"whyclip evaluation 1",)"));
}

TEST_F(Evaluate, JsonHasTheRanksOfEveryMetricAndCategory) {
  const auto json = nlohmann::json::parse(to_json(result()));
  const std::size_t methods = result().table.rows.size();
  EXPECT_EQ(json["ranking"]["metrics"].size(), 4U);
  EXPECT_EQ(json["ranking"]["metrics"][0]["ranks"].size(), methods);
  const auto& overall = json["ranking"]["overall"];
  for (std::size_t i = 0; i < methods; ++i) {
    const auto& one = json["methods"][overall["order"][i].get<std::size_t>()];
    EXPECT_EQ(one["rank"], int(i) + 1);
  }
}

TEST_F(Evaluate, CutOffJsonIsRefusedByName) {
  const std::string text = to_json(result());
  EXPECT_TRUE(
      mentions(error_of([&] { evaluation_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

TEST(MetricList, HasTheRegistryAndReadsItsJson) {
  const MetricList all = list_metrics();
  EXPECT_EQ(all.metrics.size(), metrics().size());
  const std::vector<std::string> words{"localisation"};
  for (const MetricInfo& metric : list_metrics(words).metrics) {
    EXPECT_EQ(metric.category, MetricCategory::kLocalisation);
  }
  const std::string text = to_json(all);
  EXPECT_EQ(to_json(metrics_from_json(text)), text);
  EXPECT_TRUE(mentions(error_of([&] { metrics_from_json(text.substr(0, 99), "m.json"); }),
                       {"m.json", "cut off"}));
}

}  // namespace
}  // namespace whyclip
