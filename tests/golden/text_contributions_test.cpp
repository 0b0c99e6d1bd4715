// The text side of the embedded model: its logits are PyTorch's, and its contributions add up to
// them.

#include "whyclip/attribution/text_contributions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/threads.h"
#include "whyclip/attribution/interaction.h"

namespace whyclip {
namespace text_contributions_test {

using testing::Golden;

constexpr int kTemplates = 80;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

const ZeroShot& classes() {
  static const ZeroShot zero_shot =
      zero_shot_classes(toons(), testing::golden_prompts().classes, imagenet_templates());
  return zero_shot;
}

class TextSide : public ::testing::TestWithParam<const char*> {
 protected:
  Preprocessed image() const {
    Preprocessed result;
    result.pixels = golden.floats("pixels");
    result.width = result.height = 96;
    result.area = {0, 0, 96, 96};
    return result;
  }
  TextContributions explain(const Target& target) const {
    return text_contributions(toons(), classes(), target, golden.floats("embedding"));
  }
  static void expect_completeness(const TextContributions& result, double logit) {
    // float32 against float64, on the scale of 100.
    EXPECT_NEAR(result.logit, logit, 1e-4) << result.target_name;
    EXPECT_LE(std::abs(result.residual), 1e-5 * (1 + std::abs(result.logit))) << result.target_name;
    for (const PromptContributions& prompt : result.prompts) {
      EXPECT_LE(std::abs(prompt.residual), 1e-5 * (1 + std::abs(prompt.logit))) << prompt.text;
    }
  }

  Golden golden{std::string("toons/") + GetParam()};
  std::vector<float> class_logits = golden.floats("class_logits");
};

TEST_P(TextSide, PromptsAddUpToPyTorchsLogits) {
  const std::vector<float> logits = golden.floats("logits");
  for (const int prompt : {0, 85, 333, 799}) {
    expect_completeness(explain(prompt_target(toons(), classes(), prompt)),
                        double(logits[std::size_t(prompt)]));
  }
}

TEST_P(TextSide, ClassesAddUpToPyTorchsLogits) {
  for (const int c : {0, 1, 9}) {
    const TextContributions result = explain(class_target(toons(), classes(), c));
    expect_completeness(result, double(class_logits[std::size_t(c)]));
    EXPECT_EQ(result.prompts.size(), std::size_t(kTemplates));
  }
}

TEST_P(TextSide, ContrastsAddUpToPyTorchsLogits) {
  expect_completeness(explain(contrast_target(toons(), classes(), 0, 1)),
                      double(class_logits[0]) - double(class_logits[1]));
  double others = 0;
  for (std::size_t c = 1; c < class_logits.size(); ++c) others += double(class_logits[c]);
  expect_completeness(explain(contrast_target(toons(), classes(), 0)),
                      double(class_logits[0]) - others / double(class_logits.size() - 1));
}

TEST_P(TextSide, InteractionHasTheSumsOfBothSides) {
  const RecordedImage recorded(toons(), image());
  for (const Target& target :
       {prompt_target(toons(), classes(), 5), contrast_target(toons(), classes(), 0, 1)}) {
    const Interaction matrix = interaction(toons(), classes(), target, recorded);
    const TextContributions text =
        text_contributions(toons(), classes(), target, recorded.embedding());
    const Contributions patches = contributions(recorded, {&target, 1})[0];

    EXPECT_LE(std::abs(matrix.residual), 1e-5 * (1 + std::abs(matrix.logit))) << target.name;
    const std::size_t start = matrix.words.size() - 4;
    double words = 0;
    for (std::size_t w = 0; w < start; ++w) words += matrix.word_sums[w];
    // Contributions of up to about 10 in float32.
    EXPECT_NEAR(words, text.class_words + text.other_words, 1e-4);
    EXPECT_NEAR(matrix.word_sums[start], text.start, 1e-4);
    EXPECT_NEAR(matrix.word_sums[start + 2], text.positions, 1e-4);
    const std::vector<float> columns(matrix.region_sums.begin(), matrix.region_sums.end() - 3);
    EXPECT_TRUE(
        testing::all_close(columns, patches.patches, 1e-4 * testing::largest(patches.patches)));
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, TextSide, ::testing::ValuesIn(testing::kToonsCases),
                         [](const auto& case_info) { return std::string(case_info.param); });

}  // namespace text_contributions_test
}  // namespace whyclip
