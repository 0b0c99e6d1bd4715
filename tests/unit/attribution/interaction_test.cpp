#include "whyclip/attribution/interaction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/hash_checkpoint.h"
#include "tests/unit/attribution/frozen_network.h"
#include "tests/unit/attribution/frozen_text.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/text_contributions.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace interaction_test {

using testing::all_close;
using testing::error_of;
using testing::FrozenText;
using testing::mentions;
using Strings = std::vector<std::string>;
using PatchLists = std::vector<std::vector<int>>;

Preprocessed image() {
  Preprocessed result;
  result.width = result.height = 16;
  result.area = {0, 0, 16, 16};
  result.pixels = testing::hash_tensor("pixels", 3 * 16 * 16, 0, 1);
  return result;
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

double sum_of_biases(const std::vector<Contribution>& biases) {
  double sum = 0;
  for (const Contribution& bias : biases) sum += bias.contribution;
  return sum;
}

class TinyPair : public ::testing::TestWithParam<ActivationKind> {
 protected:
  std::vector<Target> targets() const {
    return {prompt_target(clip, zero_shot, 1), class_target(clip, zero_shot, 1),
            contrast_target(clip, zero_shot, 0, 2), contrast_target(clip, zero_shot, 2)};
  }
  Interaction matrix(const Target& target) const {
    return interaction(clip, zero_shot, target, recorded);
  }
  Interaction matrix(const Target& target, const PatchLists& lists) const {
    Regions regions{.rows = 4, .columns = 4, .regions = {}, .dropped = {}};
    for (const std::vector<int>& list : lists) {
      regions.regions.push_back({"part " + std::to_string(regions.regions.size()), list});
    }
    return interaction(clip, zero_shot, target, recorded, regions);
  }

  Clip clip = testing::tiny_clip(GetParam());
  ZeroShot zero_shot = zero_shot_classes(clip, Strings{"cat", "building", "two dogs"},
                                         TemplateSet{"mine", {"a photo of a {}.", "the {}s, big"}});
  RecordedImage recorded{clip, image()};
};

TEST_P(TinyPair, WordVectorsAddUpToTheTargetsDirection) {
  for (const Target& target : targets()) {
    const WordVectors words = word_vectors(clip, zero_shot, target);
    std::vector<double> sum(20, 0.0);
    for (std::int64_t w = 0; w < words.vectors.rows(); ++w) {
      for (std::size_t c = 0; c < 20; ++c) sum[c] += double(words.vectors.row(w)[c]);
    }
    for (double& v : sum) v *= double(clip.logit_scale());
    // float32 on the scale of 100, and prompts that nearly cancel in a contrast.
    EXPECT_TRUE(all_close(floats(sum), target.direction, 1e-4)) << target.name;
  }
}

TEST_P(TinyPair, WordVectorsEqualTheFrozenNetworkInFloat64) {
  const WordVectors words = word_vectors(clip, zero_shot, targets()[0]);
  const FrozenText text(testing::tiny_tensors(), GetParam(),
                        testing::ids_of(clip, zero_shot.prompts[1].text));
  ASSERT_EQ(zero_shot.prompts[1].text, "the cats, big");
  ASSERT_EQ(words.names,
            (Strings{"the", "cats", ",", "big", "start", "end of text", "positions", "biases"}));
  const auto tokens = std::int64_t(testing::ids_of(clip, "the cats, big").size());
  // The word has several pieces, which are summed.
  std::vector<double> cats(20, 0.0);
  std::vector<std::int64_t> pieces;
  const std::vector<Token> read = clip.tokenize("the cats, big").tokens;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read[i].word != 1) continue;
    const std::vector<double> piece = text.of_token(i);
    for (std::size_t c = 0; c < 20; ++c) cats[c] += piece[c];
  }
  // float32, vectors of length about 1.
  constexpr double kTolerance = 1e-5;
  EXPECT_TRUE(all_close(words.vectors.row(1), floats(cats), kTolerance));
  EXPECT_TRUE(all_close(words.vectors.row(4), floats(text.of_token(0)), kTolerance));
  EXPECT_TRUE(
      all_close(words.vectors.row(5), floats(text.of_token(std::size_t(tokens - 1))), kTolerance));
  EXPECT_TRUE(all_close(words.vectors.row(6), floats(text.of_positions()), kTolerance));
}

// Both sides by the forward direction in frozen float64 networks, against the library's two passes.
TEST_P(TinyPair, EntriesEqualTheProductOfBothFrozenNetworks) {
  const Interaction result = matrix(targets()[0]);
  const FrozenText text(testing::tiny_tensors(), GetParam(),
                        testing::ids_of(clip, zero_shot.prompts[1].text));
  testing::FrozenNetwork network(testing::tiny_tensors(), GetParam());
  network.run(reference::matrix_of<double>(Tensor::from(1, 768, image().pixels)));
  const std::size_t columns = result.regions.size();
  ASSERT_EQ(columns, 19u);
  for (const auto& [row, vector] :
       {std::pair{std::size_t{4}, text.of_token(0)}, {std::size_t{6}, text.of_positions()}}) {
    std::vector<float> direction = floats(vector);
    for (float& v : direction) v *= clip.logit_scale();
    const std::vector<double> expected = network.patch_contributions(direction);
    const auto begin = result.contributions.begin() + std::ptrdiff_t(row * columns);
    const std::vector<float> actual(begin, begin + 16);
    const double tolerance = 1e-4 * testing::largest(floats(expected));
    EXPECT_TRUE(all_close(actual, floats(expected), tolerance)) << result.words[row];
    EXPECT_NEAR(begin[16], network.class_token_contribution(direction), tolerance);
    EXPECT_NEAR(begin[17], network.position_contribution(direction), tolerance);
  }
}

TEST_P(TinyPair, EntriesAddUpToTheLogit) {
  for (const Target& target : targets()) {
    const Interaction result = matrix(target);
    EXPECT_EQ(result.contributions.size(), result.words.size() * result.regions.size());
    EXPECT_NEAR(std::accumulate(result.contributions.begin(), result.contributions.end(), 0.0),
                result.sum, 1e-9);
    EXPECT_EQ(result.residual, result.logit - result.sum);
    EXPECT_LE(std::abs(result.residual), 1e-5 * (1 + std::abs(result.logit))) << target.name;
  }
}

TEST_P(TinyPair, RowSumsEqualTheTextContributions) {
  for (const Target& target : targets()) {
    const Interaction result = matrix(target);
    const TextContributions text =
        text_contributions(clip, zero_shot, target, recorded.embedding());
    std::vector<double> expected;
    if (target.prompts.size() == 1) {
      for (const WordContribution& word : text.prompts[0].words)
        expected.push_back(word.contribution);
    } else {
      expected = {text.class_words, text.other_words};
    }
    expected.insert(expected.end(),
                    {text.start, text.end, text.positions, sum_of_biases(text.biases)});
    // float32 propagated forward against float32 propagated backward.
    const double tolerance = 1e-4 * testing::largest(floats(expected));
    EXPECT_TRUE(all_close(floats(result.word_sums), floats(expected), tolerance)) << target.name;
  }
}

TEST_P(TinyPair, ColumnSumsEqualTheImageContributions) {
  for (const Target& target : targets()) {
    const Interaction result = matrix(target);
    const Contributions image_side = contributions(recorded, {&target, 1})[0];
    std::vector<float> expected = image_side.patches;
    expected.push_back(float(image_side.class_token));
    expected.push_back(float(image_side.position_embedding));
    expected.push_back(float(sum_of_biases(image_side.biases)));

    const double tolerance = 1e-4 * testing::largest(expected);
    EXPECT_TRUE(all_close(floats(result.region_sums), expected, tolerance)) << target.name;
    EXPECT_EQ(result.logit, image_side.logit);
  }
}

TEST_P(TinyPair, ARegionIsTheSumOfItsPatches) {
  const Target target = targets()[0];
  const Interaction patches = matrix(target),
                    halves =
                        matrix(target, {{0, 1, 2, 3, 4, 5, 6, 7}, {15, 14, 13, 12, 11, 10, 9, 8}});

  EXPECT_EQ(halves.regions, (Strings{"part 0", "part 1", "class token", "positions", "biases"}));
  for (std::size_t w = 0; w < patches.words.size(); ++w) {
    const auto row = patches.contributions.begin() + std::ptrdiff_t(w * 19);
    EXPECT_NEAR(halves.contributions[w * 5], std::accumulate(row, row + 8, 0.0), 1e-9);
    EXPECT_NEAR(halves.contributions[w * 5 + 1], std::accumulate(row + 8, row + 16, 0.0), 1e-9);
    EXPECT_EQ(halves.contributions[w * 5 + 2], row[16]);
  }
}

TEST_P(TinyPair, WordsPropagatedInSeveralChunksKeepTheirOrder) {
  const std::string text = "a photo of a photo of a photo of a photo of a cat.";
  const ZeroShot prompts = zero_shot_prompts(clip, Strings{text});
  const Target target = prompt_target(clip, prompts, 0);
  const Interaction result = interaction(clip, prompts, target, recorded);
  const TextContributions words = text_contributions(clip, prompts, target, recorded.embedding());

  ASSERT_EQ(result.words.size(), 19u);  // more than one chunk
  EXPECT_EQ(result.words[13], "cat");
  EXPECT_NEAR(result.word_sums[13], words.prompts[0].words[13].contribution, 1e-4);
  EXPECT_NEAR(result.word_sums[18], sum_of_biases(words.biases), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Activations, TinyPair,
                         ::testing::Values(ActivationKind::kQuickGelu, ActivationKind::kGelu),
                         [](const auto& case_info) {
                           return std::string(name_of(case_info.param));
                         });

class InteractionRefuses : public TinyPair {
 protected:
  std::string error(const PatchLists& lists) const {
    return error_of([&] { matrix(targets()[0], lists); });
  }
};

TEST_P(InteractionRefuses, RegionsOfAnotherGrid) {
  const Regions other = block_regions({3, 4, {}}, 1, 1);
  EXPECT_TRUE(
      mentions(error_of([&] { interaction(clip, zero_shot, targets()[0], recorded, other); }),
               {"regions", "3 × 4", "4 × 4"}));
}

TEST_P(InteractionRefuses, APatchThatIsNotInTheGrid) {
  EXPECT_TRUE(mentions(error({{0, 16}}), {"part 0", "16"}));
  EXPECT_TRUE(mentions(error({{-1}}), {"part 0", "-1"}));
}

TEST_P(InteractionRefuses, RegionsThatOverlap) {
  PatchLists lists{{0, 1}, {}};
  for (int p = 1; p < 16; ++p) lists[1].push_back(p);
  EXPECT_TRUE(mentions(error(lists), {"regions", "share a patch"}));
}

TEST_P(InteractionRefuses, RegionsThatDoNotCoverAPatch) {
  EXPECT_TRUE(mentions(error({{0, 1, 2}}), {"regions", "patch 3"}));
}

TEST_P(InteractionRefuses, ADirectionOfAnotherWidth) {
  Target target = targets()[0];
  target.direction.pop_back();
  EXPECT_TRUE(mentions(error_of([&] { matrix(target); }), {target.name, "20", "19"}));
}

TEST_P(InteractionRefuses, ToContinueIfProgressReturnsFalse) {
  EXPECT_THROW(interaction(clip, zero_shot, targets()[0], recorded,
                           [](std::string_view stage, std::int64_t, std::int64_t) {
                             return stage != "words in the image";
                           }),
               Cancelled);
}

INSTANTIATE_TEST_SUITE_P(QuickGelu, InteractionRefuses,
                         ::testing::Values(ActivationKind::kQuickGelu));

}  // namespace interaction_test
}  // namespace whyclip
