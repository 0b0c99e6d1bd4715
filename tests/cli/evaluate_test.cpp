// What `whyclip metrics` and `whyclip evaluate` answer and write.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/command.h"
#include "tests/unit/render/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::repository_file;

class EvaluateCommand : public CommandTest {
 protected:
  /// Four pictures of the shipped set, cheap methods and a metric of each kind.
  Ran evaluate(std::vector<std::string> options, const std::string& out = "out") const {
    options.insert(options.begin(),
                   {"evaluate", repository_file("datasets/toons").string(), "-q", "--pictures", "4",
                    "--mosaics", "2", "--rerun-pictures", "1", "--out", path(out)});
    if (std::ranges::find(options, "--methods") == options.end()) {
      options.insert(options.end(), {"--methods", "gae,contributions"});
    }
    if (std::ranges::find(options, "--metrics") == options.end()) {
      options.insert(options.end(), {"--metrics",
                                     "srg,part-shapley,miou,energy,grid-pointing-game,"
                                     "max-sensitivity,cascading-randomisation,gini,completeness"});
    }
    return run(options);
  }
  static const json& row(const json& document, const std::string& method) {
    for (const json& one : document.at("methods")) {
      if (one.at("method") == method) return one;
    }
    throw std::runtime_error("no row of " + method);
  }
};

TEST_F(EvaluateCommand, MetricsListHasEveryMetricWithItsProtocol) {
  const json document = run({"metrics", "--json"}).json();
  EXPECT_GT(document.at("metrics").size(), 40U);
  for (const json& metric : document.at("metrics")) {
    for (const char* key : {"name", "category", "better", "summary", "protocol", "source"}) {
      EXPECT_FALSE(metric.at(key).get<std::string>().empty()) << metric;
    }
  }
  const Ran text = run({"metrics", "localisation"});
  EXPECT_TRUE(contains(text.output, "pointing-game"));
  EXPECT_FALSE(contains(text.output, "deletion"));
  EXPECT_TRUE(refused(run({"metrics", "nonsense"}), {"nonsense", "insertion"}));
}

TEST_F(EvaluateCommand, DocumentationHasEveryMetric) {
  const std::string docs = read_text(repository_file("docs/metrics.md"));
  for (const json& metric : run({"metrics", "--json"}).json().at("metrics")) {
    const std::string name = metric.at("name");
    EXPECT_TRUE(contains(docs, "`" + name + "`")) << name;
  }
}

TEST_F(EvaluateCommand, MeasuresEveryMethodAndTheBaselines) {
  const Ran ran = evaluate({"--json"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json();
  EXPECT_EQ(document.at("methods").size(), 4U);
  const json& metrics = row(document, "contributions").at("metrics");
  EXPECT_EQ(metrics.at("srg").at("pictures"), 4);
  EXPECT_EQ(metrics.at("max-sensitivity").at("pictures"), 1);
  EXPECT_EQ(metrics.at("grid-pointing-game").at("pictures"), 2);
  EXPECT_LT(metrics.at("completeness").at("value").get<double>(), 1e-4);
  EXPECT_GT(metrics.at("srg").at("value").get<double>(),
            row(document, "random").at("metrics").at("srg").at("value").get<double>());
  EXPECT_TRUE(row(document, "gae").at("metrics").at("completeness").at("value").is_null());
  for (const json& method : document.at("methods")) {
    for (const char* metric : {"srg", "miou", "part-shapley"}) {
      const json& cell = method.at("metrics").at(metric);
      EXPECT_LE(cell.at("low"), cell.at("value")) << method.at("method") << metric;
      EXPECT_GE(cell.at("high"), cell.at("value")) << method.at("method") << metric;
    }
  }
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"leaderboard.csv", "leaderboard.html", "leaderboard.json",
                                      "lock", "results.jsonl"}));
  const std::string page = read_text(path("out") + "/leaderboard.html");
  EXPECT_TRUE(contains(page, "grid-pointing-game"));
  EXPECT_FALSE(contains(page, "http://"));
}

TEST_F(EvaluateCommand, GivesTheSameTableAgainWithoutComputing) {
  const json first = evaluate({"--json"}).json();
  const auto written = std::filesystem::file_size(path("out") + "/results.jsonl");
  const json second = evaluate({"--json"}).json();
  EXPECT_EQ(std::filesystem::file_size(path("out") + "/results.jsonl"), written);
  // Kept results have six digits.
  EXPECT_NEAR(row(first, "gae").at("metrics").at("srg").at("value").get<double>(),
              row(second, "gae").at("metrics").at("srg").at("value").get<double>(), 1e-4);
}

TEST_F(EvaluateCommand, GoesOnAfterALineThatWasCutOff) {
  evaluate({});
  const std::string file = path("out") + "/results.jsonl";
  const std::string whole = read_text(file);
  std::filesystem::resize_file(file, whole.size() - 100);
  EXPECT_EQ(evaluate({}).status, 0);
  EXPECT_EQ(std::ranges::count(read_text(file), '\n'), std::ranges::count(whole, '\n'));
}

TEST_F(EvaluateCommand, RefusesAFolderOfAnotherEvaluation) {
  evaluate({});
  EXPECT_TRUE(refused(evaluate({"--metrics", "gini"}), {"results.jsonl", "metrics is", "--out"}));
}

TEST_F(EvaluateCommand, TakesAFolderOfPicturesWithoutMasks) {
  std::filesystem::create_directories(path("photos"));
  for (const char* name : {"cat", "sketch_dog"}) {
    std::filesystem::copy_file(testing::toons_picture(name), path("photos") + "/" + name + ".png");
  }
  const Ran ran = run({"evaluate", path("photos"), "-q", "--methods", "gae", "--metrics",
                       "srg,energy,part-shapley", "--json", "--out", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json();
  const json& metrics = row(document, "gae").at("metrics");
  EXPECT_EQ(metrics.at("srg").at("pictures"), 2);
  EXPECT_EQ(metrics.at("energy").at("why"), "the picture has no masks");
}

TEST_F(EvaluateCommand, LeavesOutAPictureThatIsBrokenAndSaysSo) {
  std::filesystem::create_directories(path("photos"));
  std::filesystem::copy_file(testing::toons_picture("cat"), path("photos") + "/cat.png");
  std::ofstream(path("photos") + "/broken.png") << "no picture";
  const Ran ran = run({"evaluate", path("photos"), "-q", "--methods", "gae", "--metrics", "srg",
                       "--out", path("out")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(contains(ran.errors, "broken.png"));
  EXPECT_TRUE(contains(ran.output, "Left out"));
  EXPECT_FALSE(contains(ran.output, "Not finished"));
  EXPECT_TRUE(contains(ran.output, "gae"));
}

TEST_F(EvaluateCommand, OptionsOfMethodsAndMetricsCanBeSet) {
  const Ran ran = evaluate({"--methods", "rise", "--set", "rise.masks=20", "--metrics", "deletion",
                            "--set-metric", "deletion.steps=3", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(row(ran.json(), "rise").at("settings"), "masks=20");
  EXPECT_EQ(ran.json().at("metrics")[0].at("name"), "deletion steps=3");
  EXPECT_TRUE(refused(evaluate({"--set-metric", "deletion.steps=3", "--metrics", "gini"}, "b"),
                      {"--set-metric", "deletion is not among"}));
  EXPECT_TRUE(refused(evaluate({"--set-metric", "deletion.steps=0", "--metrics", "deletion"}, "c"),
                      {"deletion: steps", "\"0\""}));
}

TEST_F(EvaluateCommand, BudgetDecidesHowFineCurvesAre) {
  const auto points = [&](const std::string& budget) {
    const json document =
        evaluate({"--methods", "gae", "--metrics", "srg", "--json", "--budget", budget}, budget)
            .json();
    EXPECT_EQ(document.at("settings").at("budget"), budget);
    return document.at("curves")[0].at("gone").size();
  };
  EXPECT_EQ(points("quick"), 5U);
  EXPECT_EQ(points("full"), 11U);
  // Results of the one are not those of the other.
  EXPECT_TRUE(
      refused(evaluate({"--methods", "gae", "--metrics", "srg", "--budget", "full"}, "quick"),
              {"budget is", "--out"}));
}

TEST_F(EvaluateCommand, RefusesWhatIsNoSet) {
  EXPECT_TRUE(refused(run({"evaluate", path("nothing"), "-q"}), {"nothing"}));
  EXPECT_TRUE(refused(
      run({"evaluate", repository_file("datasets/toons").string(), "-q", "--format", "xml"}),
      {"xml", "coco"}));
}

TEST_F(EvaluateCommand, CertificateComesWithExplain) {
  const Ran ran = run({"explain", "-q", "-t", "simple", "--class", "cat", "--versus", "dog",
                       "--certify", "--out", path("out"), testing::toons_picture("cat_and_dog")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_TRUE(contains(ran.output, "Supported: "));
  const std::string page = read_text(path("out") + "/cat_and_dog.cat-dog.html");
  EXPECT_LT(page.find("random orders do"), page.find("class=\"tiles\""));
  const json document = run({"explain", "-q", "-t", "simple", "--class", "cat", "--versus", "dog",
                             "--certify", "--json", testing::toons_picture("cat_and_dog")})
                            .json();
  EXPECT_EQ(document.at("certificate").at("verdict"), "supported");
  EXPECT_LE(document.at("certificate").at("p_value").get<double>(), 0.05);
}

}  // namespace
}  // namespace whyclip
