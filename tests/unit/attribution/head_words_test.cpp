// Heads' vectors in the joint space, and words for them.

#include "whyclip/attribution/head_words.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/attribution/direct_effects.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/attribution/ledger.h"

namespace whyclip {
namespace head_words_test {

using testing::error_of;
using testing::mentions;
using testing::tiny_image;

constexpr std::size_t kProjection = 20;

std::vector<float> axis(std::size_t i) {
  std::vector<float> direction(kProjection, 0.0f);
  direction[i] = 1;
  return direction;
}

class HeadsOfTiny : public ::testing::Test {
 protected:
  Clip clip = testing::tiny_clip(ActivationKind::kGelu);
};

TEST_F(HeadsOfTiny, VectorsEqualTheBruteForceReference) {
  const RecordedImage recorded(clip, tiny_image());
  const auto pixels = reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels));
  for (std::size_t i = 0; i < kProjection; ++i) {
    const testing::DirectEffects expected =
        testing::direct_effects(testing::tiny_tensors(), ActivationKind::kGelu, pixels, axis(i));
    for (int block = 0; block < 2; ++block) {
      for (int head = 0; head < 3; ++head) {
        const auto& tokens = expected.blocks[std::size_t(block)].head_tokens[std::size_t(head)];
        EXPECT_NEAR(head_vector(recorded, {block, head})[i],
                    std::accumulate(tokens.begin(), tokens.end(), 0.0), 1e-5)
            << block << "." << head << " " << i;
      }
    }
  }
}

TEST_F(HeadsOfTiny, VectorsAndAllOtherComponentsAddUpToTheEmbedding) {
  const RecordedImage recorded(clip, tiny_image());
  std::vector<double> sum(kProjection, 0.0);
  for (int block = 0; block < 2; ++block) {
    for (int head = 0; head < 3; ++head) {
      const std::vector<double> vector = head_vector(recorded, {block, head});
      for (std::size_t i = 0; i < kProjection; ++i) sum[i] += vector[i];
    }
  }
  for (std::size_t i = 0; i < kProjection; ++i) {
    const Target target{"feature", "axis", axis(i)};
    const ComponentLedger ledger = component_ledgers(recorded, {&target, 1})[0];
    sum[i] += ledger.embedding + ledger.embedding_bias + ledger.last_bias;
    for (const LedgerBlock& block : ledger.blocks) {
      sum[i] += block.attention_bias + block.mlp + block.mlp_bias;
    }
    EXPECT_NEAR(sum[i], double(recorded.record().at("vision.normalized").row(0)[i]), 1e-5) << i;
  }
}

TEST_F(HeadsOfTiny, SumsEqualThoseOfTheImagesVectors) {
  HeadOutputs outputs(1);
  std::vector<std::vector<double>> vectors;
  for (const char* seed : {"one", "two", "three", "four"}) {
    const RecordedImage recorded(clip, tiny_image(16, 16, seed));
    outputs.add(recorded);
    vectors.push_back(head_vector(recorded, {1, 2}));
  }
  EXPECT_EQ(outputs.images(), 4);
  ASSERT_EQ(outputs.heads().size(), 3u);
  EXPECT_EQ(outputs.heads()[2].position, (HeadPosition{1, 2}));

  WordTexts axes;
  for (std::size_t i = 0; i < kProjection; ++i) {
    axes.words.push_back(std::to_string(i));
    const std::vector<float> direction = axis(i);
    axes.directions.insert(axes.directions.end(), direction.begin(), direction.end());
  }
  double variance = 0;
  for (std::size_t i = 0; i < kProjection; ++i) {
    double mean = 0;
    for (const auto& vector : vectors) mean += vector[i] / 4;
    for (const auto& vector : vectors) variance += (vector[i] - mean) * (vector[i] - mean) / 4;
  }
  const std::vector<HeadWords> named = head_words(outputs, axes, {.texts = 20});
  EXPECT_NEAR(named[2].span.variance, variance, 1e-9 * variance);
  EXPECT_EQ(named[2].span.rank, 4);
  EXPECT_NEAR(named[2].span.explained(), 1, 1e-9);  // the axes span the images' vectors
}

TEST_F(HeadsOfTiny, OneHeadIsTheSameAloneAndTogetherWithAll) {
  HeadOutputs all(99), one(1, HeadPosition{0, 1});
  for (const char* seed : {"one", "two", "three"}) {
    const RecordedImage recorded(clip, tiny_image(16, 16, seed));
    all.add(recorded);
    one.add(recorded);
  }
  ASSERT_EQ(all.heads().size(), 6u);
  ASSERT_EQ(one.heads().size(), 1u);
  EXPECT_EQ(one.heads()[0].position, (HeadPosition{0, 1}));
  EXPECT_EQ(one.heads()[0].outputs.products, all.heads()[1].outputs.products);
  EXPECT_EQ(one.heads()[0].outputs.basis, all.heads()[1].outputs.basis);
}

TEST_F(HeadsOfTiny, RefuseAHeadThatDoesNotExist) {
  const RecordedImage recorded(clip, tiny_image());
  EXPECT_TRUE(mentions(error_of([&] {
                         HeadOutputs(1, HeadPosition{1, 3}).add(recorded);
                       }),
                       {"head", "blocks 0 to 1", "heads 0 to 2", "1.3"}));
  EXPECT_TRUE(mentions(error_of([&] { head_vector(recorded, {2, 0}); }), {"2.0"}));
}

}  // namespace head_words_test
}  // namespace whyclip
