// The empty prompt: a text with start and end tokens only.

#include <gtest/gtest.h>

#include <map>

#include "tests/cli/command.h"

namespace whyclip {
namespace empty_prompt_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::toons_image;

class EmptyPrompt : public CommandTest {};

TEST_F(EmptyPrompt, ScoresAsInTheReferences) {
  const Ran ran = run({"classify", "-q", "--json", "-p", "", "-p", "a photo of a cat.", "-p",
                       " \t\n", toons_image("cat")});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  std::map<std::string, double> logits;
  const json document = ran.json();
  for (const json& row : document.at("images")[0].at("prompts")) {
    logits[row.at("text")] = row.at("logit");
  }
  constexpr double kTolerance = 1e-3;  // float32 against transformers and open_clip
  EXPECT_NEAR(logits.at(""), 7.9932, kTolerance);
  EXPECT_NEAR(logits.at("a photo of a cat."), 13.1396, kTolerance);
  EXPECT_EQ(logits.at(" \t\n"), logits.at(""));
}

TEST_F(EmptyPrompt, IsTheSameFromTheCache) {
  const std::vector<std::string> arguments{"classify", "-q", "--json",
                                           "-p",       "",   toons_image("cat")};

  const Ran first = run(arguments), second = run(arguments);

  EXPECT_EQ(first.status, 0) << first.errors;
  EXPECT_EQ(first.output, second.output);
}

TEST_F(EmptyPrompt, IsExplainedByPatches) {
  const Ran ran = run({"explain", "-q", "--json", "-p", "", toons_image("cat")});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json();
  EXPECT_NEAR(document.at("target").at("value").get<double>(), 7.9932, 1e-3);
  EXPECT_LE(std::abs(document.at("attribution").at("residual").get<double>()), 1e-4);  // float32
}

TEST_F(EmptyPrompt, HasALedgerOfTokensWithoutWords) {
  const Ran ran =
      run({"ledger", "-q", "--json", "--words", "--interaction", "-p", "", toons_image("cat")});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json words = ran.json().at("words");
  EXPECT_EQ(words.at("prompts")[0].at("words"), json::array());
  // Start, end, positions and biases are the whole logit, up to float32.
  EXPECT_NEAR(words.at("sum").get<double>(), 7.9932, 1e-3);
  EXPECT_LE(std::abs(words.at("residual").get<double>()), 1e-4);
}

TEST_F(EmptyPrompt, HasNoWordsForMethodsOfWords) {
  EXPECT_TRUE(testing::refused(run({"compare", "-q", "--words", "--no-removal", "--methods",
                                    "saliency,occlusion", "-p", "", toons_image("cat")}),
                               {"--words", "\"\" is empty", "no words"}));
}

TEST_F(EmptyPrompt, IsTakenAwayFromASinglePromptByFeatureSurgery) {
  const auto map = [&](const std::string& prompt, const std::string& features) {
    const Ran ran =
        run({"compare", "-q", "--json", "--no-removal", "-p", prompt, "--methods", "clip-surgery",
             "--set", "clip-surgery.features=" + features, toons_image("cat")});
    EXPECT_EQ(ran.status, 0) << ran.errors;
    std::vector<double> values;
    const json document = ran.json();
    for (const json& row : document.at("methods")[0].at("patches")) {
      for (const json& value : row) values.push_back(value);
    }
    return values;
  };

  const std::vector<double> surgery = map("a photo of a cat.", "surgery"),
                            plain = map("a photo of a cat.", "plain"), empty = map("", "plain");

  // The map of a difference is the difference of the maps, up to float32.
  ASSERT_EQ(surgery.size(), 144u);
  for (std::size_t p = 0; p < surgery.size(); ++p) {
    EXPECT_NEAR(surgery[p], plain[p] - empty[p], 1e-4) << p;
  }
}

}  // namespace empty_prompt_test
}  // namespace whyclip
