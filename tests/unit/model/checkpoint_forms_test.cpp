// The same weights in every checkpoint format give the same model.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/clip.h"

namespace whyclip {
namespace checkpoint_forms_test {

using testing::all_close;
using testing::TinyForm;
using testing::TinyOptions;

const std::vector<std::string> kPrompts{"a photo of a cat.", "a drawing of two dogs.", "tree"};

struct Embeddings {
  Tensor images, texts;
  float logit_scale;
};

Embeddings embeddings_of(const Clip& clip) {
  Preprocessed image;
  image.width = image.height = 16;
  image.pixels = testing::hash_tensor("pixels", 3 * 16 * 16, 0, 1);
  return {clip.encode_images({&image, 1}), clip.encode_text(kPrompts), clip.logit_scale()};
}

Embeddings embeddings(const TinyOptions& options) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), options);
  return embeddings_of(Clip::open(folder.path(), {.threads = 1, .cache = {}}));
}

void expect_within(const Embeddings& actual, const Embeddings& expected, double tolerance) {
  EXPECT_TRUE(all_close(actual.images.values(), expected.images.values(), tolerance));
  EXPECT_TRUE(all_close(actual.texts.values(), expected.texts.values(), tolerance));
  // exp(4.6) is 100, which amplifies rounding of the exponent.
  EXPECT_NEAR(actual.logit_scale, expected.logit_scale, 100 * tolerance);
}

TEST(CheckpointForms, ShardsGiveTheSameBitsAsOneFile) {
  expect_within(embeddings({.form = TinyForm::kSharded}), embeddings({}), 0);
}

TEST(CheckpointForms, OpenClipNamesGiveTheSameBitsAsHuggingFaceNames) {
  expect_within(embeddings({.form = TinyForm::kOpenClip}), embeddings({}), 0);
}

TEST(CheckpointForms, ASingleFileGivesTheSameBitsAsItsFolder) {
  for (const TinyForm form : {TinyForm::kHuggingFace, TinyForm::kOpenClip}) {
    const testing::TemporaryFolder folder;
    testing::write_tiny_checkpoint(folder.path(), {.form = form});
    const char* name =
        form == TinyForm::kOpenClip ? "open_clip_model.safetensors" : "model.safetensors";

    expect_within(embeddings_of(Clip::open(folder.path() / name, {.threads = 1, .cache = {}})),
                  embeddings({}), 0);
  }
}

// Weights have 11 bits: each product of the two blocks changes by about 2⁻¹² of its size, and the
// embeddings are of the order of 1.
TEST(CheckpointForms, HalfWeightsAreClose) {
  const Embeddings whole = embeddings({}), half = embeddings({.type = DataType::kF16});

  expect_within(half, whole, 0.01);
  EXPECT_FALSE(all_close(half.images.values(), whole.images.values(), 0));
}

// Weights have 8 bits: eight times the difference.
TEST(CheckpointForms, BfloatWeightsAreClose) {
  const Embeddings whole = embeddings({}), bfloat = embeddings({.type = DataType::kBF16});

  expect_within(bfloat, whole, 0.08);
  EXPECT_FALSE(all_close(bfloat.images.values(), whole.images.values(), 0.001));
}

TEST(CheckpointForms, GeluIsAnotherModelThanQuickGelu) {
  const Embeddings quick = embeddings({}),
                   exact = embeddings({.activation = ActivationKind::kGelu});

  // The two functions differ by up to 0.02 in each of 48 values.
  EXPECT_FALSE(all_close(exact.images.values(), quick.images.values(), 1e-3));
  EXPECT_FALSE(all_close(exact.texts.values(), quick.texts.values(), 1e-3));
}

TEST(CheckpointForms, EmbeddingsDifferBetweenImagesAndBetweenPrompts) {
  const Embeddings result = embeddings({});

  EXPECT_FALSE(all_close(result.texts.row(0), result.texts.row(1), 0.01));
  EXPECT_FALSE(all_close(result.images.row(0), std::vector<float>(20, 0.0f), 0.1));
}

TEST(CheckpointForms, ReportTheirDataTypes) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {.type = DataType::kBF16});

  const Clip clip = Clip::open(folder.path());

  EXPECT_EQ(clip.weight_types(), "BF16");
  EXPECT_EQ(clip.config().projection, 20);
}

TEST(Clip, RejectsAPreprocessorThatDisagreesWithTheConfig) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  write_file(folder.path() / "preprocessor_config.json",
             R"({"size": 32, "crop_size": 32, "resample": 3, "image_mean": [0, 0, 0],
                 "image_std": [1, 1, 1]})");

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { Clip::open(folder.path()); }),
                                {folder.path().string(), "32 × 32", "16"}));
}

TEST(Clip, ReadsCachedEmbeddingsBitForBit) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path() / "model");
  const ClipOptions options{.threads = 1, .cache = folder.path() / "cache.sqlite"};
  const Tensor computed = Clip::open(folder.path() / "model", options).encode_text(kPrompts);

  TextWork work;
  const Tensor cached =
      Clip::open(folder.path() / "model", options).encode_text(kPrompts, {}, &work);

  EXPECT_EQ(work.prompts, 0);
  EXPECT_TRUE(all_close(cached.values(), computed.values(), 0));
}

TEST(Clip, DoesNotUseCachedEmbeddingsOfAnotherCheckpoint) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path() / "quick");
  testing::write_tiny_checkpoint(folder.path() / "exact", {.activation = ActivationKind::kGelu});
  const ClipOptions options{.threads = 1, .cache = folder.path() / "cache.sqlite"};
  Clip::open(folder.path() / "quick", options).encode_text(kPrompts);

  TextWork work;
  Clip::open(folder.path() / "exact", options).encode_text(kPrompts, {}, &work);

  EXPECT_EQ(work.prompts, 3);
}

}  // namespace checkpoint_forms_test
}  // namespace whyclip
