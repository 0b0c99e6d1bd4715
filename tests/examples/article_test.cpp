// The recreated article: its numbers against PyTorch's, and the page.

#include "article.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/golden.h"
#include "tests/support/page.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace {

using testing::Golden;
using testing::golden_prompts;
using Json = nlohmann::ordered_json;

const std::string kPrompt = "a rendering of a cat.";

/// Computed once for all tests, because it traces an image three times.
const article::Page& the_page() {
  static const article::Page page = article::make_page(
      article::Story(testing::toons(), {.image_path = WHYCLIP_EXAMPLES "/pictures/cat.png",
                                        .classes = golden_prompts().classes,
                                        .prompt = kPrompt}));
  return page;
}

// Tracing takes too long under sanitizers, which skip tests named ToonsTracing.
class ArticleToonsTracing : public ::testing::Test {
 protected:
  const Json& numbers = the_page().numbers;
  Golden golden{"toons/cat"};
};

TEST_F(ArticleToonsTracing, ScoreIsPyTorchs) {
  const std::vector<std::string> prompts = golden_prompts().prompts;
  const auto position = std::ranges::find(prompts, kPrompt) - prompts.begin();
  const std::vector<float> logits = golden.floats("logits");
  EXPECT_NEAR(numbers.at("logit").get<double>(), logits[std::size_t(position)], 1e-4);
  EXPECT_NEAR(numbers.at("model_logit").get<double>(), logits[std::size_t(position)], 1e-4);
  EXPECT_NEAR(numbers.at("sum_of_index_contributions").get<double>(), logits[std::size_t(position)],
              1e-4);
  std::size_t best = 0;
  for (std::size_t p = 0; p < logits.size(); ++p) {
    if (logits[p] > logits[best]) best = p;
  }
  EXPECT_EQ(numbers.at("best_prompts")[0], prompts[best]);
}

TEST_F(ArticleToonsTracing, ClassLogitsArePyTorchs) {
  const std::vector<float> logits = golden.floats("class_logits");
  const std::vector<std::string> classes = golden_prompts().classes;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    EXPECT_NEAR(numbers.at("class_logits").at(classes[c]).get<double>(), logits[c], 1e-4);
  }
}

TEST_F(ArticleToonsTracing, DeoptimisationOfPatchesIsPyTorchs) {
  for (const std::string name : {"dot_squared", "positive", "strong", "detractors"}) {
    const std::vector<float> expected = golden.floats("deopt." + name + ".losses");
    const Json& losses = numbers.at("patches").at(name).at("losses");
    ASSERT_EQ(losses.size(), expected.size() + 1) << name;
    for (std::size_t s = 0; s < expected.size(); ++s) {
      EXPECT_NEAR(losses[s].get<double>(), expected[s], 1e-4 * double(expected[0])) << name << s;
    }
  }
}

TEST_F(ArticleToonsTracing, DeoptimisationHasItsControlsForPatchesAndPixels) {
  for (const char* chapter : {"patches", "pixels"}) {
    for (const char* name : {"feature", "positive", "strong"}) {
      const Json& trial = numbers.at(chapter).at(name);
      EXPECT_GT(trial.at("largest_change").get<double>(), 0) << chapter << name;
      EXPECT_LE(std::abs(trial.at("with_removal").get<double>()), 1) << chapter << name;
      EXPECT_LE(std::abs(trial.at("with_random").get<double>()), 1) << chapter << name;
    }
  }
}

TEST_F(ArticleToonsTracing, PublishedTracingIsIncompleteAndMendedIsComplete) {
  const Json& tracing = numbers.at("tracing");
  EXPECT_LT(std::abs(tracing.at("published_cosine").get<double>()), 0.9);
  EXPECT_GT(tracing.at("float_difference").get<double>(), 0.01);
  EXPECT_GT(tracing.at("mended_cosine").get<double>(), 1 - 1e-9);
  EXPECT_LT(tracing.at("mended_distance").get<double>(), 1e-4);
  const double value = tracing.at("feature_value").get<double>();
  // Without the biases, which are a separate contribution.
  EXPECT_NEAR(tracing.at("feature_sum").at("mended").get<double>(), value, 1e-3 * std::abs(value));
}

TEST_F(ArticleToonsTracing, ContributionsAddUpToTheLogit) {
  const Json& reason = numbers.at("contributions");
  const double logit = reason.at("logit").get<double>();
  EXPECT_LE(std::abs(reason.at("residual").get<double>()), 1e-5 * (1 + std::abs(logit)));
  EXPECT_NEAR(logit, golden.floats("ledger.prompt.target")[0], 1e-4);
}

TEST_F(ArticleToonsTracing, PageHasTheChaptersInTheArticlesOrder) {
  const nlohmann::json document = nlohmann::json::parse(the_page().document.json());
  std::vector<std::string> headings;
  for (const nlohmann::json& block : document.at("blocks")) {
    if (block.at("type") == "section") headings.push_back(block.at("text"));
  }
  EXPECT_EQ(headings, (std::vector<std::string>{
                          "Classification of the image", "The terms of one score",
                          "Strong features", "Changing the patches", "Changing the pixels",
                          "Tracing the regions forward", "The score as a sum over the image"}));
  EXPECT_TRUE(testing::is_page_of(the_page().document.html(), document));
}

TEST(ArticleWithHighThresholds, ReportsThatNoValueIsStrong) {
  article::Story story(testing::toons(), {.image_path = WHYCLIP_EXAMPLES "/pictures/cat.png",
                                          .classes = {"cat", "dog"},
                                          .prompt = kPrompt,
                                          .threshold = 1000,
                                          .contributor_threshold = 1000});
  article::Page page{Document("t", "h"), {}};
  add_features(story, page);
  add_pixels(story, page);
  EXPECT_TRUE(page.numbers.at("pixels").at("strong").is_null());
  const std::string document = page.document.json();
  EXPECT_TRUE(testing::contains(document, "None; the largest is"));
  EXPECT_TRUE(testing::contains(document, "Nothing to change"));
}

}  // namespace
}  // namespace whyclip
