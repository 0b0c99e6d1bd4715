// The same weights in every checkpoint format give the same model.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

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

/// Changes a JSON file of a checkpoint.
void edit(const std::filesystem::path& file, const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json value = nlohmann::json::parse(read_text(file));
  change(value);
  write_file(file, value.dump());
}

// transformers 5 writes this file only.
TEST(Clip, ReadsTheImageProcessorOfAProcessorConfig) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  const nlohmann::json old =
      nlohmann::json::parse(read_text(folder.path() / "preprocessor_config.json"));
  std::filesystem::remove(folder.path() / "preprocessor_config.json");
  write_file(folder.path() / "processor_config.json",
             nlohmann::json{{"processor_class", "CLIPProcessor"}, {"image_processor", old}}.dump());

  const Clip clip = Clip::open(folder.path());

  EXPECT_EQ(clip.preprocess_config().resampler, Resampler::kTorchvision);
  EXPECT_EQ(clip.preprocess_config().crop_width, 16);
  EXPECT_TRUE(clip.config().filled.empty());
}

TEST(Clip, WithoutAPreprocessorHasOpenAIsAndSaysSo) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  std::filesystem::remove(folder.path() / "preprocessor_config.json");
  // Before transformers 5 this file names a class only.
  write_file(folder.path() / "processor_config.json",
             std::string_view(R"({"processor_class": "CLIPProcessor"})"));

  const Clip clip = Clip::open(folder.path());

  EXPECT_EQ(clip.preprocess_config().crop_width, 16);
  ASSERT_EQ(clip.config().inferred.size(), 1U);
  EXPECT_TRUE(testing::mentions(clip.config().inferred[0],
                                {"no preprocessor_config.json", "OpenAI's", "16 pixels"}));
}

// transformers 5 reads processor_config.json first, earlier versions preprocessor_config.json.
TEST(Clip, ReadsTheProcessorOfTheVersionThatWroteTheConfig) {
  const auto mean = [](const char* version) {
    const testing::TemporaryFolder folder;
    testing::write_tiny_checkpoint(folder.path());
    nlohmann::json other = nlohmann::json::parse(testing::kTinyPreprocessor);
    other["image_mean"] = {0.25, 0.25, 0.25};
    write_file(folder.path() / "processor_config.json",
               nlohmann::json({{"image_processor", other}}).dump());
    edit(folder.path() / "config.json",
         [&](nlohmann::json& config) { config["transformers_version"] = version; });
    return Clip::open(folder.path()).preprocess_config().mean[0];
  };
  EXPECT_EQ(mean("5.24.0"), 0.25);
  EXPECT_NE(mean("4.57.6"), 0.25);
}

TEST(Clip, RefusesAScaleThatIsNotFinite) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    if (tensor.name == "logit_scale") tensor.values = {1000.0f};
  }
  write_file(folder.path() / "model.safetensors", format_safetensors(tensors));

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { Clip::open(folder.path()); }),
                                {"logit_scale", "1000"}));
}

TEST(Clip, RefusesAnEndOfTextTokenThatTheTokenizerHasNot) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  edit(folder.path() / "config.json",
       [](nlohmann::json& config) { config["text_config"]["eos_token_id"] = 5; });

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { Clip::open(folder.path()); }),
                                {"config.json", "end-of-text token is 5"}));
}

TEST(Clip, RefusesATensorThatNobodyReads) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  edit(folder.path() / "config.json",
       [](nlohmann::json& config) { config["text_config"]["num_hidden_layers"] = 1; });

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { Clip::open(folder.path()); }),
                                {"model.safetensors", "text_model.encoder.layers.1."}));
}

TEST(Clip, CleansPromptsAsTheConfigSays) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {.form = TinyForm::kOpenClip});
  edit(folder.path() / "open_clip_config.json", [](nlohmann::json& config) {
    config["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = {{"clean", "canonicalize"}};
  });

  const Clip clip = Clip::open(folder.path());
  EXPECT_TRUE(testing::mentions(clip.tokenizer().description(), {"without punctuation"}));
  EXPECT_EQ(clip.tokenize("a, b!").ids(), clip.tokenize("a b").ids());
}

/// Writes an open_clip checkpoint with these tensors and settings.
void write_open_clip(const std::filesystem::path& folder, const std::vector<TensorToWrite>& tensors,
                     const std::function<void(nlohmann::json&)>& change) {
  testing::write_tiny_checkpoint(folder, {.form = TinyForm::kOpenClip});
  write_file(folder / "open_clip_model.safetensors", format_safetensors(tensors));
  edit(folder / "open_clip_config.json", change);
}

// open_clip's proj_bias: nn.Linear, whose matrix is the transpose of the plain projection.
TEST(OpenClipForms, ABiasOfTheTextProjectionIsAdded) {
  const testing::TemporaryFolder folder;
  std::vector<TensorToWrite> tensors = testing::as_open_clip(testing::tiny_tensors());
  const std::vector<TensorToWrite> plain = testing::tiny_tensors();
  std::vector<float> bias(20);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = float(i) - 7.5f;
  std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "text_projection"; });
  for (const TensorToWrite& tensor : plain) {
    if (tensor.name == "text_projection.weight") tensors.push_back(tensor);
  }
  tensors.push_back({"text_projection.bias", {20}, bias});
  write_open_clip(folder.path(), tensors, [](nlohmann::json& config) {
    config["model_cfg"]["quick_gelu"] = true;
    config["model_cfg"]["text_cfg"]["proj_bias"] = true;
  });

  const Embeddings with = embeddings_of(Clip::open(folder.path(), {.threads = 1, .cache = {}}));
  const Embeddings without = embeddings({.form = TinyForm::kOpenClip});

  for (std::int64_t r = 0; r < 3; ++r) {
    for (std::size_t i = 0; i < 20; ++i) {
      // One rounding of values up to 15.
      EXPECT_NEAR(with.texts.row(r)[i], without.texts.row(r)[i] + bias[i], 2e-6);
    }
  }
}

TEST(OpenClipForms, ACustomTextIsTheSameNetworkUnderOtherNames) {
  const testing::TemporaryFolder folder;
  std::vector<TensorToWrite> tensors = testing::as_open_clip(testing::tiny_tensors());
  for (TensorToWrite& tensor : tensors) {
    const bool text = !tensor.name.starts_with("visual.") && tensor.name != "logit_scale";
    if (text) tensor.name = "text." + tensor.name;
  }
  write_open_clip(folder.path(), tensors, [](nlohmann::json& config) {
    config["model_cfg"].update({{"custom_text", true}, {"quick_gelu", true}});
  });

  expect_within(embeddings_of(Clip::open(folder.path(), {.threads = 1, .cache = {}})),
                embeddings({.form = TinyForm::kOpenClip}), 0);
}

TEST(OpenClipForms, NormAndActivationSettingsChangeTheEmbeddings) {
  const Embeddings plain =
      embeddings({.activation = ActivationKind::kGelu, .form = TinyForm::kOpenClip});
  const auto with = [](const nlohmann::json& settings) {
    const testing::TemporaryFolder folder;
    write_open_clip(folder.path(), testing::as_open_clip(testing::tiny_tensors()),
                    [&](nlohmann::json& config) {
                      config["model_cfg"]["quick_gelu"] = false;
                      config["model_cfg"]["text_cfg"].update(settings);
                    });
    return embeddings_of(Clip::open(folder.path(), {.threads = 1, .cache = {}}));
  };

  const Embeddings wide = with({{"norm_kwargs", {{"eps", 0.1}}}});
  const Embeddings tanh = with({{"act_kwargs", {{"approximate", "tanh"}}}});

  EXPECT_FALSE(all_close(wide.texts.values(), plain.texts.values(), 1e-2));
  EXPECT_TRUE(all_close(wide.images.values(), plain.images.values(), 0));
  // The approximation differs by up to 5e-4 in each of 32 values, times weights of 1/√32.
  EXPECT_TRUE(all_close(tanh.texts.values(), plain.texts.values(), 5e-3));
  EXPECT_FALSE(all_close(tanh.texts.values(), plain.texts.values(), 1e-6));
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
