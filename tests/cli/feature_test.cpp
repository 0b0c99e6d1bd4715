// Explanations of places of the image embedding: whyclip explain and ledger --feature.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/clip.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace feature_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

constexpr double kLedgerTolerance = 1e-5;  // × (1 + |value|), the project's promise

class Feature : public CommandTest {
 protected:
  /// What is printed for the cat's image.
  json of(std::vector<std::string> arguments, const std::string& command = "explain") const {
    arguments.insert(arguments.begin(), {command, "--json", toons_image("cat")});
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
  Ran quietly(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"explain", "-q", "--json", toons_image("cat")});
    return run(arguments);
  }
  /// The embeddings of that image and of a text, as the library has them.
  std::vector<float> image() const {
    const Preprocessed image = clip_.prepare(read_image(toons_image("cat"), {}));
    const Tensor embedding = clip_.encode_images({&image, 1});
    return {embedding.values().begin(), embedding.values().end()};
  }
  std::vector<float> text(const std::string& prompt) const {
    const Tensor embedding = clip_.encode_text({&prompt, 1});
    return {embedding.values().begin(), embedding.values().end()};
  }

 private:
  Clip clip_ = Clip::embedded({.threads = 2, .cache = {}});
};

void expect_whole(const json& document, double value) {
  EXPECT_NEAR(document.at("target").at("value").get<double>(), value,
              kLedgerTolerance * (1 + std::abs(value)));
  EXPECT_NEAR(document.at("attribution").at("sum").get<double>(), value,
              kLedgerTolerance * (1 + std::abs(value)));
}

TEST_F(Feature, IsTheEntryOfTheImageEmbeddingAndNotALogit) {
  const json document = of({"--feature", "92"});

  expect_whole(document, image()[92]);
  EXPECT_EQ(document.at("target").at("kind"), "feature");
  EXPECT_EQ(document.at("target").at("name"), "feature 92");
  EXPECT_EQ(document.at("target").at("unit"), "feature");
}

TEST_F(Feature, OfAScoreStaysALogit) {
  const json document = of({"--class", "cat"});

  EXPECT_EQ(document.at("target").at("unit"), "logit");
}

TEST_F(Feature, TakesIndicesWithWeights) {
  const std::vector<float> z = image();

  expect_whole(of({"--feature", "3,98:-0.5"}), double(z[3]) - 0.5 * double(z[98]));
}

TEST_F(Feature, SelectsStrongContributorsAndDetractorsOfAPrompt) {
  const std::vector<float> z = image(), t = text("a cat");
  double strong = 0, against = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    if (double(t[k]) >= 0.75) strong += double(z[k]) * double(t[k]);
    if (double(t[k]) <= -1.5) against += double(z[k]) * double(t[k]);
  }

  const json document = of({"--feature", "strong", "-p", "a cat"});

  expect_whole(document, strong);
  EXPECT_EQ(document.at("target").at("name"), "strong contributors to “a cat” (t ≥ 0.75)");
  expect_whole(of({"--feature", "detractors:-1.5", "-p", "a cat"}), against);
}

TEST_F(Feature, SelectsByAClass) {
  EXPECT_EQ(of({"--feature", "strong:2", "--class", "dog"}).at("target").at("name"),
            "strong contributors to “dog” (t ≥ 2)");
}

TEST_F(Feature, GoesThroughOtherRules) {
  expect_whole(of({"--feature", "92", "--method", "query-key"}), image()[92]);
}

TEST_F(Feature, HasALedgerByComponentsThatAddsUp) {
  const json document = of({"--feature", "92"}, "ledger");

  expect_whole(document, image()[92]);
  EXPECT_NEAR(document.at("components").at("sum").get<double>(), image()[92], kLedgerTolerance * 2);
}

TEST_F(Feature, IsNowhereCalledALogitInWhatIsPrintedAndOnThePage) {
  for (const char* command : {"explain", "ledger"}) {
    const Ran ran =
        run({command, "-q", "--feature", "92", "-o", path(command), toons_image("cat")});
    ASSERT_EQ(ran.status, 0) << ran.errors;
    const std::string ending = command == std::string("ledger") ? ".ledger.html" : ".html";
    const std::string page = read_text(path(command + std::string("/cat.feature-92") + ending));
    const json result = testing::result_of(page);
    EXPECT_EQ(ran.output.find("logit"), std::string::npos) << command;
    const json fields = result.flatten();
    for (const auto& [field, value] : fields.items()) {
      EXPECT_FALSE(value.is_string() && testing::contains(value.dump(), "logit")) << field;
    }
    std::string tables = testing::tables_of(page);
    tables.erase(tables.find("<th>logit scale</th>"), 20);  // of the model
    EXPECT_FALSE(testing::contains(tables, "logit"));
    EXPECT_EQ(result.at("target").at("unit"), "feature");
  }
}

TEST_F(Feature, RefusesWhatItCannotRead) {
  for (const char* wrong : {"", "x", "3,", "3:", "3:x", "1.5", "strong:x", "weak"}) {
    EXPECT_TRUE(refused(quietly({"--feature", wrong}), {"--feature", "expected"})) << wrong;
  }
  EXPECT_TRUE(refused(quietly({"--feature", "128"}), {"feature 128", "0 to 127"}));
  EXPECT_TRUE(refused(quietly({"--feature", "1,1"}), {"feature 1", "twice"}));
  EXPECT_TRUE(refused(quietly({"--feature", "1:nan"}), {"feature 1", "finite weight"}));
}

TEST_F(Feature, RefusesAThresholdThatSelectsNothingOrHasTheWrongSign) {
  EXPECT_TRUE(
      refused(quietly({"--feature", "strong:900"}), {"threshold", "largest is", "index", "try "}));
  EXPECT_TRUE(refused(quietly({"--feature", "strong:-1"}), {"--feature", "above 0"}));
  EXPECT_TRUE(refused(quietly({"--feature", "detractors:1"}), {"--feature", "below 0"}));
}

TEST_F(Feature, RefusesOptionsThatMeanNothingBesideIt) {
  EXPECT_TRUE(refused(quietly({"--feature", "1", "--versus", "dog"}), {"--feature", "versus"}));
  EXPECT_TRUE(refused(quietly({"--feature", "1", "--class", "dog"}), {"--feature", "class"}));
  EXPECT_TRUE(refused(run({"ledger", "-q", "--feature", "1", "--words", toons_image("cat")}),
                      {"--words", "feature"}));
}

TEST_F(Feature, HasAColumnInRegionsForEveryIndexAndOneForTheirSum) {
  const std::vector<float> z = image();

  const json document = of({"--regions", "blocks:3x3", "--feature", "92,98:-0.5"}, "regions");

  EXPECT_EQ(document.at("unit"), "feature");
  const json& targets = document.at("targets");
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0].at("name"), "features 92, 98:-0.5");
  EXPECT_EQ(targets[1].at("name"), "feature 92");
  const std::vector<double> values{double(z[92]) - 0.5 * double(z[98]), double(z[92]),
                                   -0.5 * double(z[98])};
  for (std::size_t t = 0; t < 3; ++t) {
    double sum = 0;
    for (const json& contribution : targets[t].at("contributions"))
      sum += contribution.get<double>();
    EXPECT_NEAR(targets[t].at("value").get<double>(), values[t], 1e-6 * (1 + std::abs(sum)));
    EXPECT_NEAR(sum, values[t], kLedgerTolerance * (1 + std::abs(sum)));
  }
}

TEST_F(Feature, PicksRegionsBySignTheStrongestFirst) {
  const json document = of({"--regions", "blocks:3x3", "--feature", "92"}, "regions");

  const json& target = document.at("targets").at(0);
  const json& contributions = target.at("contributions");
  const json &positive = target.at("positive"), &negative = target.at("negative");
  EXPECT_EQ(positive.size() + negative.size(), 9u);
  double before = std::numeric_limits<double>::infinity();
  for (const json& region : positive) {
    const double contribution = contributions.at(region.get<std::size_t>());
    EXPECT_GT(contribution, 0);
    EXPECT_LE(contribution, before);
    before = contribution;
  }
  before = -std::numeric_limits<double>::infinity();
  for (const json& region : negative) {
    const double contribution = contributions.at(region.get<std::size_t>());
    EXPECT_LT(contribution, 0);
    EXPECT_GE(contribution, before);
    before = contribution;
  }
}

TEST_F(Feature, IsDrawnOverTheImageByRegion) {
  const Ran ran = run({"regions", "-q", "--feature", "92,98", "-o", path("out"), "--regions",
                       "blocks:2x2", toons_image("cat")});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.output.find("logit"), std::string::npos);
  for (const char* part : {"feature 92: ", "for it: ", "against it: "}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.feature-92.regions.png", "cat.feature-98.regions.png",
                                      "cat.features-92-98.regions.png", "cat.regions.html",
                                      "cat.regions.json", "cat.regions.npz"}));
  const Image image = read_image(toons_image("cat"), {}),
              drawn = read_image(path("out/cat.feature-92.regions.png"), {});
  EXPECT_EQ(drawn.width, image.width);
  EXPECT_NE(drawn.rgb, image.rgb);
}

TEST_F(Feature, SelectedByOnePromptIsFollowedByItsIndicesInRegions) {
  const std::vector<float> z = image(), t = text("a cat");
  double strong = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    if (double(t[k]) < 2) continue;
    strong += double(z[k]) * double(t[k]);
    ++count;
  }

  const json document = of({"--feature", "strong:2", "-p", "a cat"}, "regions");

  ASSERT_EQ(document.at("targets").size(), count + 1);
  EXPECT_NEAR(document.at("targets")[0].at("value").get<double>(), strong,
              kLedgerTolerance * (1 + std::abs(strong)));
}

TEST_F(Feature, InRegionsRefusesWhatHasNoMeaning) {
  const auto regions = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"regions", "-q", toons_image("cat")});
    return run(arguments);
  };
  EXPECT_TRUE(refused(regions({"--feature", "1", "-c", "cat,dog"}), {"feature", "classes"}));
  EXPECT_TRUE(refused(regions({"--feature", "strong"}), {"feature", "one prompt", "got 0"}));
  EXPECT_TRUE(refused(regions({"--feature", "128"}), {"feature 128", "0 to 127"}));
  EXPECT_TRUE(refused(regions({"--feature", "strong:900", "-p", "a cat"}),
                      {"largest is", "index", "try "}));
}

}  // namespace feature_test
}  // namespace whyclip
