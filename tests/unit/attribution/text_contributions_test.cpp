#include "whyclip/attribution/text_contributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/unit/attribution/frozen_text.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace text_contributions_test {

using testing::error_of;
using testing::FrozenText;
using testing::mentions;
using Strings = std::vector<std::string>;

constexpr double kSumTolerance = 1e-5;  // × (1 + |logit|): the accuracy documented in the header

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The trace points of biases, by their names in the checkpoint.
std::map<std::string, std::string> trace_points_of_biases() {
  std::map<std::string, std::string> result{{"text_model.final_layer_norm", "text.pooled"}};
  for (const std::string block : {"0", "1"}) {
    const std::string theirs = "text_model.encoder.layers." + block + ".",
                      ours = "text.blocks." + block + ".";
    result[theirs + "layer_norm1"] = ours + "ln1";
    result[theirs + "self_attn.v_proj"] = ours + "v";
    result[theirs + "self_attn.out_proj"] = ours + "attn_out";
    result[theirs + "layer_norm2"] = ours + "ln2";
    result[theirs + "mlp.fc1"] = ours + "mlp_pre";
    result[theirs + "mlp.fc2"] = ours + "mlp_out";
  }
  return result;
}

class TinyText : public ::testing::TestWithParam<ActivationKind> {
 protected:
  std::vector<Target> targets() const {
    return {prompt_target(clip, zero_shot, 1), class_target(clip, zero_shot, 1),
            contrast_target(clip, zero_shot, 0, 2), contrast_target(clip, zero_shot, 2)};
  }
  TextContributions explain(const Target& target) const {
    return text_contributions(clip, zero_shot, target, image.row(0));
  }
  FrozenText frozen(int prompt) const {
    return {testing::tiny_tensors(), GetParam(),
            testing::ids_of(clip, zero_shot.prompts[std::size_t(prompt)].text)};
  }
  /// The weights of a target's prompts, by their definition and in float64.
  std::vector<double> weights(const Target& target, const std::vector<FrozenText>& texts) const {
    if (target.kind == "prompt") return {1};
    std::map<int, std::vector<double>> sums;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      std::vector<double>& sum = sums[class_of(target, k)];
      sum.resize(20, 0.0);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += texts[k].embedding()[i];
    }
    std::vector<double> result;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      const std::vector<double>& sum = sums.at(class_of(target, k));
      const double sign =
          class_of(target, k) == class_of(target, 0) ? 1 : -1.0 / double(sums.size() - 1);
      result.push_back(sign / std::sqrt(dot(sum, sum)));
    }
    return result;
  }
  int class_of(const Target& target, std::size_t k) const {
    return zero_shot.prompts[std::size_t(target.prompts[k].prompt)].class_index;
  }

  Clip clip = testing::tiny_clip(GetParam());
  ZeroShot zero_shot = zero_shot_classes(clip, Strings{"cat", "building", "two dogs"},
                                         TemplateSet{"mine", {"a photo of a {}.", "the {}s, big"}});
  Tensor image = testing::random_tensor("image", 1, 20);
};

TEST_P(TinyText, ContributionsAddUpToTheLogitForEveryKindOfTarget) {
  for (const Target& target : targets()) {
    const TextContributions result = explain(target);
    EXPECT_LE(std::abs(result.residual), kSumTolerance * (1 + std::abs(result.logit)))
        << target.name;
    EXPECT_EQ(result.residual, result.logit - result.sum);
    for (const PromptContributions& prompt : result.prompts) {
      EXPECT_LE(std::abs(prompt.residual), kSumTolerance * (1 + std::abs(prompt.logit)));
    }
  }
}

TEST_P(TinyText, LogitEqualsTheTargets) {
  const std::vector<float> other_side = image_direction(clip, image.row(0));
  for (const Target& target : targets()) {
    double expected = 0;
    for (std::size_t i = 0; i < other_side.size(); ++i) {
      expected += double(other_side[i]) * double(target.direction[i]) / double(clip.logit_scale());
    }
    // The target's embeddings come from plain inference, in float32 on the scale of 100.
    EXPECT_NEAR(explain(target).logit, expected, 1e-4) << target.name;
  }
}

TEST_P(TinyText, SumEqualsTheSumOfTheParts) {
  for (const Target& target : targets()) {
    const TextContributions result = explain(target);
    double prompts = 0, words = 0, biases = 0;
    for (const PromptContributions& prompt : result.prompts) prompts += prompt.sum;
    for (const WordTotal& word : result.words) words += word.contribution;
    for (const Contribution& bias : result.biases) biases += bias.contribution;

    // Sums of doubles in another order.
    EXPECT_NEAR(prompts, result.sum, 1e-9);
    EXPECT_NEAR(words, result.class_words + result.other_words, 1e-9);
    EXPECT_NEAR(words + result.start + result.end + result.positions + biases, result.sum, 1e-9);
  }
}

// The reference passes every source forward through the frozen network, in float64; the library
// runs one backward pass, in float32.
TEST_P(TinyText, ContributionsEqualThoseFoundInTheForwardDirection) {
  std::vector<double> side(image.values().begin(), image.values().end());
  const double length = std::sqrt(dot(side, side));
  for (double& v : side) v *= double(clip.logit_scale()) / length;
  for (const Target& target : targets()) {
    const TextContributions result = explain(target);
    std::vector<FrozenText> texts;
    for (const PromptWeight& part : target.prompts) texts.push_back(frozen(part.prompt));
    const std::vector<double> weight = weights(target, texts);
    const double tolerance = 1e-4 * std::abs(result.words.front().contribution);
    ASSERT_EQ(result.prompts.size(), texts.size());
    double positions = 0;
    std::map<std::string, double> biases;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      const PromptContributions& prompt = result.prompts[k];
      const auto expected = [&](const std::vector<double>& t) { return weight[k] * dot(side, t); };
      EXPECT_NEAR(prompt.weight, weight[k], 1e-5);
      EXPECT_NEAR(prompt.start, expected(texts[k].of_token(0)), tolerance);
      std::size_t token = 0;
      for (const WordContribution& word : prompt.words) {
        for (const TokenContribution& piece : word.tokens) {
          EXPECT_NEAR(piece.contribution, expected(texts[k].of_token(++token)), tolerance)
              << prompt.text << ": " << piece.piece;
        }
      }
      EXPECT_NEAR(prompt.end, expected(texts[k].of_token(token + 1)), tolerance);
      EXPECT_NEAR(prompt.positions, expected(texts[k].of_positions()), tolerance);
      positions += prompt.positions;
      double sum = 0;
      for (const auto& [theirs, ours] : trace_points_of_biases()) {
        sum += expected(texts[k].of_bias(theirs));
        biases[ours] += expected(texts[k].of_bias(theirs));
      }
      EXPECT_NEAR(prompt.biases, sum, tolerance);
    }
    EXPECT_NEAR(result.positions, positions, 1e-9);
    ASSERT_EQ(result.biases.size(), biases.size());
    for (const Contribution& bias : result.biases) {
      ASSERT_TRUE(biases.contains(bias.trace_point)) << bias.trace_point;
      EXPECT_NEAR(bias.contribution, biases[bias.trace_point], tolerance) << bias.trace_point;
    }
  }
}

TEST_P(TinyText, BiasesAreInTheOrderOfTheNetwork) {
  const TextContributions result = explain(targets()[1]);

  ASSERT_EQ(result.biases.size(), 13u);
  EXPECT_EQ(result.biases.front().trace_point, "text.blocks.0.ln1");
  EXPECT_EQ(result.biases.back().trace_point, "text.pooled");
}

TEST_P(TinyText, PromptsRecordedSeparatelyGiveTheSameContributions) {
  const ZeroShot many =
      zero_shot_classes(clip, Strings{"cat", "building", "two dogs"}, imagenet_templates());
  const auto explain = [&](const Target& target) {
    return text_contributions(clip, many, target, image.row(0));
  };
  // 240 prompts need several records, so the 80 of a class are grouped differently.
  const TextContributions all = explain(contrast_target(clip, many, 0)),
                          cat = explain(class_target(clip, many, 0)),
                          building = explain(class_target(clip, many, 1)),
                          dogs = explain(class_target(clip, many, 2));

  // float32, contributions up to about 100.
  EXPECT_NEAR(all.start, cat.start - (building.start + dogs.start) / 2, 1e-4);
  EXPECT_NEAR(all.positions, cat.positions - (building.positions + dogs.positions) / 2, 1e-4);
  ASSERT_EQ(all.biases.size(), 13u);
  for (std::size_t b = 0; b < 13; ++b) {
    EXPECT_EQ(all.biases[b].trace_point, cat.biases[b].trace_point);
    EXPECT_NEAR(all.biases[b].contribution,
                cat.biases[b].contribution -
                    (building.biases[b].contribution + dogs.biases[b].contribution) / 2,
                1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, TinyText,
                         ::testing::Values(ActivationKind::kQuickGelu, ActivationKind::kGelu),
                         [](const auto& case_info) {
                           return std::string(name_of(case_info.param));
                         });

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

std::vector<float> some_image() {
  const Tensor image = testing::random_tensor("image", 1, 128);
  return {image.values().begin(), image.values().end()};
}

TextContributions explain_prompt(const std::string& prompt) {
  const ZeroShot zero_shot = zero_shot_prompts(toons(), Strings{prompt});
  return text_contributions(toons(), zero_shot, prompt_target(toons(), zero_shot, 0), some_image());
}

/// The contributions of the first class, in one template.
TextContributions explain_class(const Strings& classes, const std::string& text_template) {
  const ZeroShot zero_shot =
      zero_shot_classes(toons(), classes, TemplateSet{"mine", {text_template}});
  return text_contributions(toons(), zero_shot, class_target(toons(), zero_shot, 0), some_image());
}

Strings texts_of(const std::vector<WordContribution>& words) {
  Strings result;
  for (const WordContribution& word : words) result.push_back(word.text);
  return result;
}

TEST(TextWords, JoinTheirBytePairTokens) {
  const TextContributions result = explain_prompt("A photograph of two skyscrapers, in 19!");
  const std::vector<WordContribution>& words = result.prompts[0].words;

  EXPECT_EQ(texts_of(words),
            (Strings{"A", "photograph", "of", "two", "skyscrapers", ",", "in", "1", "9", "!"}));
  EXPECT_EQ(words[1].begin, 2u);
  EXPECT_EQ(words[1].end, 12u);
  Strings pieces;
  double sum = 0;
  for (const TokenContribution& token : words[1].tokens) {
    pieces.push_back(token.piece);
    sum += token.contribution;
  }
  EXPECT_EQ(pieces, (Strings{"pho", "to", "gra", "p", "h"}));
  EXPECT_EQ(words[1].contribution, sum);
}

TEST(TextWords, OfTheClassNameAreMarkedOnlyAtItsPosition) {
  const TextContributions result = explain_class({"dog", "cat"}, "a dog and a {}.");
  const std::vector<WordContribution>& words = result.prompts[0].words;

  ASSERT_EQ(texts_of(words), (Strings{"a", "dog", "and", "a", "dog", "."}));
  EXPECT_FALSE(words[1].class_name);
  EXPECT_TRUE(words[4].class_name);
  EXPECT_EQ(result.class_words, words[4].contribution);
}

TEST(TextWords, OfAClassNameOfSeveralWordsAreAllMarked) {
  const TextContributions result = explain_class({"t-shirt", "cat"}, "my {}!");
  const std::vector<WordContribution>& words = result.prompts[0].words;

  ASSERT_EQ(texts_of(words), (Strings{"my", "t", "-", "shirt", "!"}));
  const std::vector<bool> marks{words[0].class_name, words[1].class_name, words[2].class_name,
                                words[3].class_name, words[4].class_name};
  EXPECT_EQ(marks, (std::vector<bool>{false, true, true, true, false}));
}

TEST(TextWords, ThatCombineTemplateAndNameAreMarkedAsTheName) {
  const TextContributions result = explain_class({"dog", "cat"}, "two {}s.");
  const std::vector<WordContribution>& words = result.prompts[0].words;

  ASSERT_EQ(texts_of(words), (Strings{"two", "dogs", "."}));
  EXPECT_TRUE(words[1].class_name);
}

TEST(TextWords, OfAPromptWithoutAClassAreNotMarked) {
  const TextContributions result = explain_prompt("a cat");

  EXPECT_EQ(result.class_words, 0);
  EXPECT_NE(result.other_words, 0);
}

TEST(TextWords, AreSummedIgnoringCaseAndSortedBySize) {
  const TextContributions result = explain_prompt("A cat, a CAT or a dog");
  std::map<std::string, WordTotal> totals;
  for (const WordTotal& word : result.words) totals[word.text] = word;
  const std::vector<WordContribution>& words = result.prompts[0].words;

  ASSERT_EQ(totals.size(), 5u);
  EXPECT_EQ(totals["A"].count, 3);
  EXPECT_EQ(totals["cat"].count, 2);
  EXPECT_NEAR(totals["cat"].contribution, words[1].contribution + words[4].contribution, 1e-12);
  for (std::size_t i = 1; i < result.words.size(); ++i) {
    EXPECT_GE(std::abs(result.words[i - 1].contribution), std::abs(result.words[i].contribution));
  }
}

TEST(TextWords, DistinguishTheNameFromTheSameWordInTheTemplate) {
  const TextContributions result = explain_class({"dog", "cat"}, "a dog and a {}.");
  int dogs = 0;
  for (const WordTotal& word : result.words) dogs += word.text == "dog" ? 1 : 0;

  EXPECT_EQ(dogs, 2);
}

TEST(TextWords, BeyondTheContextAreOmittedAndThePromptIsMarked) {
  std::string text = "tree";
  for (int i = 0; i < 60; ++i) text += " tree";
  const TextContributions result = explain_prompt(text);

  EXPECT_TRUE(result.prompts[0].truncated);
  EXPECT_EQ(result.prompts[0].words.size(), 30u);
  EXPECT_LE(std::abs(result.residual), kSumTolerance * (1 + std::abs(result.logit)));
  EXPECT_FALSE(explain_prompt("tree").prompts[0].truncated);
}

TEST(TextContributions, RefuseATargetWithoutPrompts) {
  const ZeroShot zero_shot = zero_shot_prompts(toons(), Strings{"cat"});
  const Target target{"prompt", "by hand", std::vector<float>(128, 1.0f)};

  EXPECT_TRUE(
      mentions(error_of([&] { text_contributions(toons(), zero_shot, target, some_image()); }),
               {"by hand", "prompts"}));
}

TEST(TextContributions, RefuseAnImageEmbeddingWithoutADirection) {
  const ZeroShot zero_shot = zero_shot_prompts(toons(), Strings{"cat"});
  const Target target = prompt_target(toons(), zero_shot, 0);

  EXPECT_TRUE(mentions(error_of([&] {
                         text_contributions(toons(), zero_shot, target,
                                            std::vector<float>(128, 0.0f));
                       }),
                       {"norm", "zero"}));
}

TEST(TextContributions, StopIfProgressReturnsFalse) {
  const ZeroShot zero_shot = zero_shot_prompts(toons(), Strings{"cat"});
  const Target target = prompt_target(toons(), zero_shot, 0);

  EXPECT_THROW(
      text_contributions(toons(), zero_shot, target, some_image(), [](auto...) { return false; }),
      Cancelled);
}

}  // namespace text_contributions_test
}  // namespace whyclip
