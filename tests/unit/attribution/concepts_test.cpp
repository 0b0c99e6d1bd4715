// SpLiCE: an image's embedding as a sparse sum of words.

#include "whyclip/attribution/concepts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/toons.h"
#include "whyclip/attribution/image_mean.h"

namespace whyclip {
namespace concepts_test {

using testing::error_of;
using testing::mentions;
using Vector = std::vector<double>;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Vector normalised(Vector x) {
  const double length = std::sqrt(dot(x, x));
  for (double& v : x) v /= length;
  return x;
}

/// Words whose directions are the signed axes of three dimensions: their mean is zero.
WordTexts axes() {
  WordTexts words{.words = {"right", "left", "up", "down", "near", "far"}, .directions = {}};
  for (int axis = 0; axis < 3; ++axis) {
    for (const double sign : {1.0, -1.0}) {
      Vector direction(3, 0.0);
      direction[std::size_t(axis)] = sign;
      words.directions.insert(words.directions.end(), direction.begin(), direction.end());
    }
  }
  return words;
}

TEST(Concepts, ForOrthonormalWordsAreASoftThreshold) {
  const ConceptDictionary dictionary = concept_dictionary(axes());
  const std::vector<float> embedding{6, -2, 3};  // of length 7
  const Concepts result = concepts(embedding, dictionary, Vector(3, 0.0), {.penalty = 0.3});

  ASSERT_EQ(result.chosen.size(), 2u);  // |−2/7| is below the threshold
  EXPECT_EQ(dictionary.words.words[result.chosen[0].word], "right");
  EXPECT_EQ(dictionary.words.words[result.chosen[1].word], "near");
  EXPECT_NEAR(result.chosen[0].weight, 6.0 / 7 - 0.3, 1e-12);
  EXPECT_NEAR(result.chosen[1].weight, 3.0 / 7 - 0.3, 1e-12);
  EXPECT_NEAR(result.chosen[0].similarity, 6.0 / 7, 1e-12);
  EXPECT_NEAR(result.max_penalty, 6.0 / 7, 1e-12);
  const double a = 6.0 / 7 - 0.3, b = 3.0 / 7 - 0.3;
  EXPECT_NEAR(*result.cosine, (a * 6 / 7 + b * 3 / 7) / std::hypot(a, b), 1e-12);
  EXPECT_NEAR(*result.restored_cosine, *result.cosine, 1e-12);  // there is no mean to add
}

TEST(Concepts, CentreTheImageByTheMean) {
  const ConceptDictionary dictionary = concept_dictionary(axes());
  // ẑ = (0.6, 0, 0.8); minus (0.6, 0, 0.5) leaves only the third axis.
  const Concepts result =
      concepts(std::vector<float>{3, 0, 4}, dictionary, Vector{0.6, 0, 0.5}, {.penalty = 0.25});
  ASSERT_EQ(result.chosen.size(), 1u);
  EXPECT_EQ(dictionary.words.words[result.chosen[0].word], "near");
  EXPECT_NEAR(result.chosen[0].weight, 0.75, 1e-12);
  EXPECT_NEAR(result.centred_norm, 0.3, 1e-12);
  EXPECT_NEAR(*result.cosine, 1, 1e-12);
  // The authors' reconstruction: (0, 0, 1) + mean, normalised.
  EXPECT_NEAR(*result.restored_cosine, (0.6 * 0.6 + 0.8 * 1.5) / std::hypot(0.6, 1.5), 1e-12);
}

TEST(Concepts, CentreWordsByTheirMeanAndNormaliseThemAgain) {
  WordTexts words{.words = {"a", "b"}, .directions = {1, 0, 0.6, 0.8}};
  // Mean (0.8, 0.4): (0.2, −0.4) and (−0.2, 0.4).
  const Vector atoms = concept_dictionary(std::move(words)).atoms;
  const double length = std::hypot(0.2, 0.4);
  const Vector expected{0.2 / length, -0.4 / length, -0.2 / length, 0.4 / length};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(atoms[i], expected[i], 1e-12);
}

/// 40 words and an image in 24 dimensions.
struct Mixed {
  ConceptDictionary dictionary;
  Vector mean;
  std::vector<float> embedding;

  Mixed() {
    constexpr std::size_t kWords = 40, kWidth = 24;
    WordTexts words;
    const Tensor values = testing::random_tensor("words", kWords, kWidth);
    for (std::size_t w = 0; w < kWords; ++w) {
      words.words.push_back(std::to_string(w));
      const Vector direction =
          normalised({values.row(std::int64_t(w)).begin(), values.row(std::int64_t(w)).end()});
      words.directions.insert(words.directions.end(), direction.begin(), direction.end());
    }
    dictionary = concept_dictionary(std::move(words));
    for (std::size_t i = 0; i < kWidth; ++i) mean.push_back(0.1 * std::sin(double(i)));
    // mean + 0.5 normalise(0.8 c_3 + 0.6 c_17), of length 5.
    Vector mixture(kWidth);
    for (std::size_t i = 0; i < kWidth; ++i) {
      mixture[i] = 0.8 * dictionary.atoms[3 * kWidth + i] + 0.6 * dictionary.atoms[17 * kWidth + i];
    }
    mixture = normalised(mixture);
    // t is the length along the mixture for which ‖ẑ‖ = 1.
    const double along = dot(mean, mixture),
                 t = -along + std::sqrt(along * along + 1 - dot(mean, mean));
    for (std::size_t i = 0; i < kWidth; ++i) {
      embedding.push_back(float(5 * (mean[i] + t * mixture[i])));
    }
  }
};

TEST(Concepts, FindThePlantedWords) {
  const Mixed mixed;
  const Concepts result =
      concepts(mixed.embedding, mixed.dictionary, mixed.mean, {.penalty = 0.002});
  ASSERT_GE(result.chosen.size(), 2u);
  EXPECT_EQ(result.chosen[0].word, 3u);
  EXPECT_EQ(result.chosen[1].word, 17u);
  EXPECT_NEAR(result.chosen[0].weight / result.chosen[1].weight, 0.8 / 0.6, 0.02);
  EXPECT_GT(*result.cosine, 0.9999);
}

TEST(Concepts, ContributionsOfAScoreAddUpToIt) {
  const Mixed mixed;
  const Tensor direction = testing::random_tensor("direction", 1, 24);
  const Target target{"prompt", "a cat", {direction.values().begin(), direction.values().end()}};
  const Concepts result =
      concepts(mixed.embedding, mixed.dictionary, mixed.mean, {.penalty = 0.1, .target = target});
  double value = 0, norm = 0, mean = 0;
  for (std::size_t i = 0; i < 24; ++i) {
    value += double(direction.values()[i]) * double(mixed.embedding[i]);
    norm += double(mixed.embedding[i]) * double(mixed.embedding[i]);
    mean += double(direction.values()[i]) * mixed.mean[i];
  }
  ASSERT_TRUE(result.score);
  EXPECT_NEAR(result.score->value, value / std::sqrt(norm), 1e-12);
  EXPECT_NEAR(result.score->mean, mean, 1e-12);
  double words = 0;
  for (const Concept& word : result.chosen) {
    const auto atom = std::span(mixed.dictionary.atoms).subspan(word.word * 24, 24);
    double along = 0;
    for (std::size_t i = 0; i < 24; ++i) along += double(direction.values()[i]) * atom[i];
    EXPECT_NEAR(word.contribution, result.centred_norm * word.weight * along, 1e-12);
    words += word.contribution;
  }
  EXPECT_NEAR(result.score->words, words, 1e-12);
  EXPECT_NEAR(result.score->mean + result.score->words + result.score->rest, result.score->value,
              1e-12);
  EXPECT_GT(std::abs(result.score->rest), 1e-3) << "the test needs a rest that is not zero";
}

TEST(Concepts, WithTooLargeAPenaltyChooseNoWordAndStillAddUp) {
  const Mixed mixed;
  const Target target{"prompt", "a cat", std::vector<float>(24, 1.0f)};
  const Concepts result =
      concepts(mixed.embedding, mixed.dictionary, mixed.mean, {.penalty = 1, .target = target});
  EXPECT_TRUE(result.chosen.empty());
  EXPECT_FALSE(result.cosine);
  EXPECT_FALSE(result.restored_cosine);
  EXPECT_EQ(result.score->words, 0);
  EXPECT_NEAR(result.score->residual, 0, 1e-12);
}

TEST(Concepts, NameTheContentOfADrawing) {
  const Clip& clip = testing::toons();
  const ConceptDictionary dictionary =
      concept_dictionary(embed_words(clip, default_words(clip), bare_template()));
  const std::vector<double> mean = *known_image_mean(clip);
  for (const std::string image : testing::kToonsCases) {
    const Preprocessed drawing = testing::toons_image(testing::Golden("toons/" + image));
    const Tensor embedding = clip.encode_images({&drawing, 1});
    const Concepts result = concepts(embedding.row(0), dictionary, mean);
    ASSERT_FALSE(result.chosen.empty()) << image;
    // "brown dog" of "cat_and_dog"
    const std::string& best = dictionary.words.words[result.chosen[0].word];
    const std::string noun = best.substr(best.rfind(' ') + 1);
    EXPECT_NE(("_" + image + "_").find("_" + noun + "_"), std::string::npos)
        << image << ": " << best;
  }
}

TEST(Concepts, RefuseInvalidInputs) {
  const ConceptDictionary dictionary = concept_dictionary(axes());
  EXPECT_TRUE(mentions(error_of([&] {
                         concepts(std::vector<float>{1, 0}, dictionary, Vector(3, 0.0));
                       }),
                       {"3 values"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         concepts(std::vector<float>{2, 0, 0}, dictionary, Vector{1, 0, 0});
                       }),
                       {"image mean", "own embedding"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         concepts(std::vector<float>{0, 0, 0}, dictionary, Vector(3, 0.0));
                       }),
                       {"no direction"}));
  EXPECT_TRUE(mentions(error_of([] {
                         concept_dictionary({.words = {"cat"}, .directions = {1, 0}});
                       }),
                       {"words", "at least two", "got 1"}));
  EXPECT_TRUE(mentions(error_of([] {
                         concept_dictionary({.words = {"cat", "Cat"}, .directions = {1, 0, 1, 0}});
                       }),
                       {"\"cat\"", "mean embedding"}));
}

}  // namespace concepts_test
}  // namespace whyclip
