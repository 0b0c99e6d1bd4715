// What `whyclip metrics` and `whyclip evaluate` answer and write.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace evaluate_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::repository_file;

class EvaluateCommand : public CommandTest {
 protected:
  /// Four images of the shipped set, cheap methods and a metric of each kind.
  Ran evaluate(std::vector<std::string> options, const std::string& out = "out") const {
    options.insert(options.begin(),
                   {"evaluate", repository_file("datasets/toons").string(), "-q", "--images", "4",
                    "--mosaics", "2", "--rerun-images", "1", "--out", path(out)});
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
};

const json& row(const json& document, const std::string& method) {
  for (const json& one : document.at("methods")) {
    if (one.at("name") == method) return one;
  }
  throw std::runtime_error("no row of " + method);
}

const json& cell(const json& document, const std::string& method, const std::string& metric) {
  for (std::size_t c = 0; c < document.at("metrics").size(); ++c) {
    if (document.at("metrics")[c].at("name") == metric) {
      return row(document, method).at("values").at(c);
    }
  }
  throw std::runtime_error("no column of " + metric);
}

std::string setting(const json& document, const std::string& name) {
  for (const json& pair : document.at("settings")) {
    if (pair.at(0) == name) return pair.at(1);
  }
  throw std::runtime_error("no setting " + name);
}

TEST_F(EvaluateCommand, MetricsListHasEveryMetricWithItsProtocol) {
  const json document = run({"metrics", "--json"}).json();
  EXPECT_GT(document.at("metrics").size(), 40U);
  for (const json& metric : document.at("metrics")) {
    for (const char* key : {"name", "category", "better", "summary", "protocol", "reference"}) {
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
  const json document = run({"metrics", "--json"}).json();
  for (const json& metric : document.at("metrics")) {
    const std::string name = metric.at("name");
    EXPECT_TRUE(contains(docs, "`" + name + "`")) << name;
  }
}

TEST_F(EvaluateCommand, MeasuresEveryMethodAndTheBaselines) {
  const Ran ran = evaluate({"--json"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json();
  EXPECT_EQ(document.at("methods").size(), 4U);
  EXPECT_EQ(document.at("format"), "whyclip evaluation 1");
  const auto contributions = [&](const char* metric) -> const json& {
    return cell(document, "contributions", metric);
  };
  EXPECT_EQ(contributions("srg").at("images"), 4);
  EXPECT_EQ(contributions("max-sensitivity").at("images"), 1);
  EXPECT_EQ(contributions("grid-pointing-game").at("images"), 2);
  EXPECT_LT(contributions("completeness").at("value").get<double>(), 1e-4);
  EXPECT_GT(contributions("srg").at("value").get<double>(),
            cell(document, "random", "srg").at("value").get<double>());
  EXPECT_TRUE(cell(document, "gae", "completeness").at("value").is_null());
  for (const json& method : document.at("methods")) {
    for (const char* metric : {"srg", "miou", "part-shapley"}) {
      const std::string name = method.at("name");
      const json& measured = cell(document, name, metric);
      EXPECT_LE(measured.at("low"), measured.at("value")) << name << metric;
      EXPECT_GE(measured.at("high"), measured.at("value")) << name << metric;
    }
  }
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"leaderboard.csv", "leaderboard.html", "leaderboard.json",
                                      "lock", "results.jsonl"}));
  const std::string page = read_text(path("out") + "/leaderboard.html");
  EXPECT_TRUE(is_page_of(page, json::parse(read_text(path("out") + "/leaderboard.json"))));
  EXPECT_TRUE(contains(testing::tables_of(page), "<td>grid-pointing-game</td>"));
}

TEST_F(EvaluateCommand, GivesTheSameTableAgainWithoutComputing) {
  const json first = evaluate({"--json"}).json();
  const auto written = std::filesystem::file_size(path("out") + "/results.jsonl");
  const json second = evaluate({"--json"}).json();
  EXPECT_EQ(std::filesystem::file_size(path("out") + "/results.jsonl"), written);
  // Kept results have six digits.
  EXPECT_NEAR(cell(first, "gae", "srg").at("value").get<double>(),
              cell(second, "gae", "srg").at("value").get<double>(), 1e-4);
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

TEST_F(EvaluateCommand, TakesAFolderOfImagesWithoutMasks) {
  std::filesystem::create_directories(path("photos"));
  for (const char* name : {"cat", "sketch_dog"}) {
    std::filesystem::copy_file(testing::toons_image(name), path("photos") + "/" + name + ".png");
  }
  const Ran ran = run({"evaluate", path("photos"), "-q", "--methods", "gae", "--metrics",
                       "srg,energy,part-shapley", "--json", "--out", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json();
  EXPECT_EQ(cell(document, "gae", "srg").at("images"), 2);
  EXPECT_EQ(cell(document, "gae", "energy").at("reason"), "the image has no masks");
}

TEST_F(EvaluateCommand, LeavesOutAnImageThatIsBrokenAndSaysSo) {
  std::filesystem::create_directories(path("photos"));
  std::filesystem::copy_file(testing::toons_image("cat"), path("photos") + "/cat.png");
  std::ofstream(path("photos") + "/broken.png") << "no image";
  const Ran ran = run({"evaluate", path("photos"), "-q", "--methods", "gae", "--metrics", "srg",
                       "--out", path("out")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(contains(ran.errors, "broken.png"));
  EXPECT_TRUE(contains(ran.output, "Skipped"));
  EXPECT_FALSE(contains(ran.output, "Not finished"));
  EXPECT_TRUE(contains(ran.output, "gae"));
}

/// Three drawings of the shipped set with annotations as other tools write them.
class EvaluateAnnotated : public CommandTest {
 protected:
  EvaluateAnnotated() {
    for (const char* name : {"000.webp", "001.webp", "002.webp"}) image(name, name);
  }
  void image(const std::string& from, const std::string& to) const {
    const std::filesystem::path file = std::filesystem::path(path("set")) / to;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::copy_file(repository_file("datasets/toons/pictures") / from, file);
  }
  void write(const std::string& name, const std::string& text) const {
    write_file(std::filesystem::path(path("set")) / name, text);
  }
  /// A COCO file in which every image has a cat in the same square, with `change` applied.
  template <typename Change>
  void coco(const Change& change) const {
    json set{{"images", json::array()},
             {"annotations", json::array()},
             {"categories", {{{"id", 1}, {"name", "cat"}}, {{"id", 2}, {"name", "dog"}}}}};
    for (int i = 0; i < 3; ++i) {
      set["images"].push_back({{"id", i},
                               {"file_name", "00" + std::to_string(i) + ".webp"},
                               {"width", 96},
                               {"height", 96}});
      set["annotations"].push_back({{"id", i},
                                    {"image_id", i},
                                    {"category_id", 1},
                                    {"iscrowd", 0},
                                    {"segmentation", {{10, 10, 80, 10, 80, 80, 10, 80}}},
                                    {"bbox", {10, 10, 70, 70}}});
    }
    change(set);
    write("annotations.json", set.dump());
  }
  Ran evaluate(std::vector<std::string> more = {}) const {
    std::filesystem::remove_all(path("out"));
    std::vector<std::string> options{"evaluate",  path("set"), "-q",     "-t",          "simple",
                                     "--methods", "saliency",  "--json", "--resamples", "2",
                                     "--metrics", "energy",    "--out",  path("out")};
    options.insert(options.end(), more.begin(), more.end());
    return run(options);
  }
  /// The metric for an image and saliency; the reason where it was not measured.
  std::string energy(const std::string& image) const {
    std::ifstream lines(path("out") + "/results.jsonl");
    for (std::string line; std::getline(lines, line);) {
      const json result = json::parse(line);
      if (result.value("item", "") != image || result.at("method") != "saliency") continue;
      return result.at("metrics").contains("energy") ? result["metrics"]["energy"].dump()
                                                     : result.at("missing").at("energy").dump();
    }
    return "left out";
  }
};

TEST_F(EvaluateAnnotated, OddSegmentationsGiveTheNumbersOfTheirBoxes) {
  coco([](json&) {});
  ASSERT_EQ(evaluate({"-c", "cat,dog"}).status, 0);
  const std::string right = energy("000.webp");
  ASSERT_TRUE(contains(right, "[0.")) << right;
  for (const char* odd : {"[10,10,80,10,80,80,10,80]", "[[10,10,80,80]]", "[[]]", "[]", "null"}) {
    coco([&](json& set) { set["annotations"][0]["segmentation"] = json::parse(odd); });
    const Ran ran = evaluate({"-c", "cat,dog"});
    EXPECT_EQ(ran.status, 0) << odd << ran.errors;
    EXPECT_EQ(energy("000.webp"), right) << odd;
    EXPECT_EQ(ran.errors, "") << odd;
  }
}

TEST_F(EvaluateAnnotated, NamesWhatIsLeftOutInTextJsonAndPage) {
  coco([](json& set) {
    set["annotations"].push_back({{"image_id", 77}, {"category_id", 1}, {"bbox", {0, 0, 9, 9}}});
  });
  const Ran ran = evaluate();
  EXPECT_EQ(ran.status, 0);
  const std::string note = "annotations skipped: their image_id is not in \"images\" (1): ";
  EXPECT_TRUE(contains(ran.errors, note)) << ran.errors;
  EXPECT_TRUE(contains(ran.errors, "annotations[3].image_id: 77"));
  const json document = ran.json();
  EXPECT_EQ(document.at("remarks")[0].at("count"), 1);
  EXPECT_TRUE(contains(document.at("notes").dump(), "image_id: 77"));
  EXPECT_TRUE(contains(read_text(path("out") + "/leaderboard.html"), "image_id: 77"));
  // A second run computes nothing, but says it again.
  EXPECT_TRUE(contains(run({"evaluate", path("set"), "-q", "-t", "simple", "--methods", "saliency",
                            "--metrics", "energy", "--out", path("out")})
                           .output,
                       "image_id: 77"));
}

TEST_F(EvaluateAnnotated, AnImageThatIsNotThereIsLeftOutWithStatusOne) {
  coco([](json& set) { set["images"][1]["file_name"] = "gone.webp"; });
  const Ran ran = evaluate();
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(contains(ran.errors, "images[1].file_name: gone.webp"));
  EXPECT_NE(energy("002.webp"), "left out");
}

TEST_F(EvaluateAnnotated, SaysWhatToDoAboutASetOfOneClass) {
  coco([](json& set) { set["categories"].erase(1); });
  EXPECT_TRUE(refused(evaluate(), {"one class only, \"cat\"", "--classes cat,OTHER"}));
  EXPECT_EQ(evaluate({"-c", "cat,dog"}).status, 0);
}

TEST_F(EvaluateAnnotated, ClassesOfASetKeepTheirCommas) {
  coco([](json& set) {
    set["categories"][0]["name"] = "cat, sitting";
    set["categories"][1]["name"] = "dog";
  });
  const Ran ran = evaluate({"--target-class", "cat, sitting"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(setting(ran.json(), "classes"), "\"cat, sitting\", dog");
  EXPECT_TRUE(contains(energy("000.webp"), "[0.")) << energy("000.webp");
}

TEST_F(EvaluateAnnotated, ABackgroundImageIsTheSameWithAnEmptyLabelFileAndWithout) {
  write("data.yaml", "names: [cat, dog]\n");
  write("labels/001.txt", "0 0.5 0.5 0.6 0.6\n");
  ASSERT_EQ(evaluate().status, 0);
  const std::string without = energy("000.webp");
  EXPECT_EQ(without, "\"the image has no masks\"");
  write("labels/000.txt", "");
  const Ran ran = evaluate();
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(energy("000.webp"), without);
}

TEST_F(EvaluateAnnotated, ALabelFileThatCannotBeUsedLeavesItsImageOutOnly) {
  write("data.yaml", "names: [cat, dog]\n");
  write("labels/000.txt", "0 0.5 0.5 0.6 0.6 0.93\n");
  write("labels/001.txt", "0 0.5 0.5 0.6 0.6\n");
  const Ran ran = evaluate({"-c", "cat,dog"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(contains(ran.errors, "000.txt: line 1")) << ran.errors;
  EXPECT_EQ(energy("000.webp"), "left out");
  EXPECT_NE(energy("001.webp"), "left out");
  EXPECT_TRUE(ran.json().at("skipped").contains("000.webp"));
}

TEST_F(EvaluateAnnotated, LinksThatLeadNowhereAreNamedAndTheOthersDone) {
  std::filesystem::create_symlink("loop.png", path("set") + "/loop.png");
  std::filesystem::create_symlink("nowhere.png", path("set") + "/dangling.png");
  const Ran ran = evaluate({"-c", "cat,dog"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(contains(ran.errors, "dangling.png to nowhere.png; loop.png to loop.png"));
  EXPECT_NE(energy("002.webp"), "left out");
}

TEST_F(EvaluateAnnotated, TheNotesOfThePageNameTheFirstFiveImagesLeftOutAndCountTheOthers) {
  for (int i = 0; i < 7; ++i) write("broken" + std::to_string(i) + ".png", "no image");
  const Ran ran = evaluate({"-c", "cat,dog"});
  EXPECT_EQ(ran.status, 1);
  const json result = testing::result_of(read_text(path("out") + "/leaderboard.html"));
  const std::string notes = result.at("notes").dump();
  EXPECT_TRUE(contains(notes, "broken4.png"));
  EXPECT_FALSE(contains(notes, "broken5.png"));
  EXPECT_TRUE(contains(notes, "2 more images"));
  EXPECT_EQ(ran.json().at("skipped").size(), 7U);
  EXPECT_TRUE(contains(ran.errors, "broken6.png"));
}

TEST_F(EvaluateCommand, OptionsOfMethodsAndMetricsCanBeSet) {
  const Ran ran = evaluate({"--methods", "rise", "--set", "rise.masks=20", "--metrics", "deletion",
                            "--set-metric", "deletion.steps=3", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(row(ran.json(), "rise").at("settings"), "masks=20");
  EXPECT_EQ(ran.json().at("metrics")[0].at("name"), "deletion steps=3");
  EXPECT_TRUE(refused(evaluate({"--set-metric", "deletion.steps=3", "--metrics", "gini"}, "b"),
                      {"deletion is not among"}));
  EXPECT_TRUE(refused(evaluate({"--set-metric", "deletion.steps=0", "--metrics", "deletion"}, "c"),
                      {"deletion: steps", "\"0\""}));
}

TEST_F(EvaluateCommand, BudgetDecidesHowFineCurvesAre) {
  const auto points = [&](const std::string& budget) {
    const json document =
        evaluate({"--methods", "gae", "--metrics", "srg", "--json", "--budget", budget}, budget)
            .json();
    EXPECT_EQ(setting(document, "budget"), budget);
    return document.at("curves")[0].at("fractions").size();
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
                       "--certify", "--out", path("out"), testing::toons_image("cat_and_dog")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_TRUE(contains(ran.output, "Supported: "));
  const json shown = testing::result_of(read_text(path("out") + "/cat_and_dog.cat-dog.html"));
  const json document = run({"explain", "-q", "-t", "simple", "--class", "cat", "--versus", "dog",
                             "--certify", "--json", testing::toons_image("cat_and_dog")})
                            .json();
  EXPECT_EQ(document.at("certificate").at("verdict"), "supported");
  EXPECT_EQ(shown.at("certificate"), document.at("certificate"));
  EXPECT_LE(document.at("certificate").at("p_value").get<double>(), 0.05);
}

}  // namespace evaluate_test
}  // namespace whyclip
