#include "whyclip/model/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace config_test {

using nlohmann::json;
using testing::error_of;
using testing::mentions;

json config() { return json::parse(testing::tiny_config(ActivationKind::kQuickGelu)); }

ClipConfig parse(const json& value) {
  return parse_hugging_face_config(value.dump(), "c/config.json");
}

/// The error message for a config with one field changed; null removes the field.
std::string with(const char* pointer, const json& value) {
  json changed = config();
  changed[json::json_pointer(pointer)] = value;
  return error_of([&] { parse(changed); });
}

TEST(HuggingFaceConfig, IsReadCompletely) {
  const ClipConfig result = parse(config());

  EXPECT_EQ(result.projection, 20);
  EXPECT_EQ(result.vision.tower.width, 24);
  EXPECT_EQ(result.vision.tower.mlp_width, 48);
  EXPECT_EQ(result.vision.tower.layers, 2);
  EXPECT_EQ(result.vision.tower.heads, 3);
  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_EQ(result.vision.tower.epsilon, 1e-5f);
  EXPECT_EQ(result.vision.image_size, 16);
  EXPECT_EQ(result.vision.patch_size, 4);
  EXPECT_EQ(result.vision.grid(), 4);
  EXPECT_EQ(result.text.tower.width, 16);
  EXPECT_EQ(result.text.vocabulary, 737);
  EXPECT_EQ(result.text.context_length, 32);
}

class MissingField : public ::testing::TestWithParam<const char*> {};

TEST_P(MissingField, IsNamedWithTheFile) {
  const std::string pointer = GetParam();

  EXPECT_TRUE(mentions(with(GetParam(), nullptr),
                       {"c/config.json", pointer.substr(pointer.rfind('/') + 1), "missing"}));
}

INSTANTIATE_TEST_SUITE_P(
    HuggingFaceConfig, MissingField,
    ::testing::Values("/projection_dim", "/vision_config", "/text_config",
                      "/vision_config/hidden_size", "/vision_config/intermediate_size",
                      "/vision_config/num_hidden_layers", "/vision_config/num_attention_heads",
                      "/vision_config/hidden_act", "/vision_config/layer_norm_eps",
                      "/vision_config/image_size", "/vision_config/patch_size",
                      "/text_config/hidden_size", "/text_config/intermediate_size",
                      "/text_config/num_hidden_layers", "/text_config/num_attention_heads",
                      "/text_config/hidden_act", "/text_config/layer_norm_eps",
                      "/text_config/vocab_size", "/text_config/max_position_embeddings",
                      "/text_config/eos_token_id"));

TEST(HuggingFaceConfig, NamesTheTowerOfAMissingField) {
  EXPECT_TRUE(mentions(with("/text_config/hidden_size", nullptr), {"text_config", "hidden_size"}));
}

TEST(HuggingFaceConfig, RejectsAnUnknownActivationWithItsName) {
  EXPECT_TRUE(mentions(with("/vision_config/hidden_act", "swish"),
                       {"c/config.json: vision_config.hidden_act", "swish", "quick_gelu or gelu"}));
}

TEST(HuggingFaceConfig, RefusesHeadsThatDoNotDivideTheWidth) {
  EXPECT_TRUE(mentions(with("/text_config/num_attention_heads", 3),
                       {"c/config.json: text_config.num_attention_heads", "3 heads", "16"}));
}

TEST(HuggingFaceConfig, RefusesPatchesThatDoNotDivideTheImage) {
  EXPECT_TRUE(mentions(with("/vision_config/patch_size", 5),
                       {"c/config.json: vision_config.patch_size", "5", "16"}));
  EXPECT_TRUE(mentions(with("/vision_config/patch_size", 32),
                       {"c/config.json: vision_config.patch_size", "32", "16"}));
}

TEST(HuggingFaceConfig, RefusesValuesOfOtherTypes) {
  EXPECT_TRUE(mentions(with("/vision_config/hidden_size", "24"),
                       {"c/config.json: vision_config.hidden_size", "integer", "\"24\""}));
  EXPECT_TRUE(mentions(with("/vision_config/hidden_size", 24.5), {"hidden_size", "24.5"}));
  EXPECT_TRUE(mentions(with("/vision_config/hidden_act", 3), {"hidden_act", "string", "3"}));
  EXPECT_TRUE(mentions(with("/text_config/layer_norm_eps", true), {"layer_norm_eps", "number"}));
  EXPECT_TRUE(mentions(with("/text_config", 3), {"c/config.json", "text_config"}));
}

TEST(HuggingFaceConfig, RefusesSizesOutOfRange) {
  EXPECT_TRUE(mentions(with("/vision_config/hidden_size", 0), {"hidden_size", "got 0"}));
  EXPECT_TRUE(mentions(with("/vision_config/hidden_size", -24), {"hidden_size", "got -24"}));
  EXPECT_TRUE(
      mentions(with("/vision_config/image_size", 1LL << 40), {"image_size", "1099511627776"}));
  EXPECT_TRUE(
      mentions(with("/text_config/num_hidden_layers", 100000), {"num_hidden_layers", "100000"}));
  EXPECT_TRUE(mentions(with("/vision_config/layer_norm_eps", -1), {"layer_norm_eps", "-1"}));
}

TEST(HuggingFaceConfig, RejectsAnEndTokenOutsideTheVocabulary) {
  EXPECT_TRUE(mentions(with("/text_config/eos_token_id", 737),
                       {"c/config.json: text_config.eos_token_id", "736", "737"}));
}

TEST(HuggingFaceConfig, UsesTheEndTokenOfTheConfig) { EXPECT_EQ(parse(config()).text.end_id, 736); }

TEST(HuggingFaceConfig, TreatsTheLegacyEndTokenTwoAsTheLargestId) {
  json old = config();
  old["text_config"]["eos_token_id"] = 2;

  EXPECT_FALSE(parse(old).text.end_id.has_value());
}

TEST(HuggingFaceConfig, SupportsGelu) {
  EXPECT_EQ(parse(json::parse(testing::tiny_config(ActivationKind::kGelu))).text.tower.activation,
            ActivationKind::kGelu);
}

TEST(HuggingFaceConfig, IsNamedIfItIsNotJson) {
  EXPECT_TRUE(mentions(error_of([] { parse_hugging_face_config("{", "c/config.json"); }),
                       {"c/config.json", "not valid JSON"}));
}

PreprocessConfig preprocessor(const json& value) {
  return parse_hugging_face_preprocessor(value.dump(), "c/preprocessor_config.json");
}

json preprocessor_json() { return json::parse(testing::kTinyPreprocessor); }

TEST(HuggingFacePreprocessor, IsReadInTheCurrentForm) {
  const PreprocessConfig result = preprocessor(preprocessor_json());

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 16);
  EXPECT_EQ(result.crop_width, 16);
  EXPECT_EQ(result.crop_height, 16);
  EXPECT_EQ(result.filter, Filter::kBicubic);
  EXPECT_DOUBLE_EQ(result.rescale_factor, 1 / 255.0);
  EXPECT_EQ(result.mean[0], 0.48145466);
  EXPECT_EQ(result.standard_deviation[2], 0.27577711);
  EXPECT_TRUE(result.do_resize);
  EXPECT_TRUE(result.do_center_crop);
}

TEST(HuggingFacePreprocessor, IsReadInTheOldForm) {
  const PreprocessConfig result = preprocessor({{"size", 224},
                                                {"crop_size", 224},
                                                {"resample", 3},
                                                {"image_mean", {0.5, 0.5, 0.5}},
                                                {"image_std", {0.5, 0.5, 0.5}}});

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 224);
  EXPECT_EQ(result.crop_width, 224);
  EXPECT_DOUBLE_EQ(result.rescale_factor, 1 / 255.0);
}

TEST(HuggingFacePreprocessor, AcceptsAFixedSize) {
  json value = preprocessor_json();
  value["size"] = {{"height", 20}, {"width", 30}};

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(std::get<FixedSize>(result.size).width, 30);
  EXPECT_EQ(std::get<FixedSize>(result.size).height, 20);
}

TEST(HuggingFacePreprocessor, OmitsDisabledSteps) {
  json value = preprocessor_json();
  value.update({{"do_rescale", false}, {"do_normalize", false}, {"do_resize", false}});

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(result.rescale_factor, 1.0);
  EXPECT_EQ(result.mean, (std::array<double, 3>{0, 0, 0}));
  EXPECT_EQ(result.standard_deviation, (std::array<double, 3>{1, 1, 1}));
  EXPECT_FALSE(result.do_resize);
}

// transformers' CLIPImageProcessor: (size - crop) // 2.
TEST(HuggingFacePreprocessor, RoundsHalfAMarginOfTheCropDown) {
  EXPECT_EQ(preprocessor(preprocessor_json()).crop_rounding, CropRounding::kDown);
}

TEST(HuggingFacePreprocessor, AcceptsOneNumberForAllChannels) {
  json value = preprocessor_json();
  value.update({{"image_mean", 0.5}, {"image_std", 0.25}});

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(result.mean, (std::array<double, 3>{0.5, 0.5, 0.5}));
  EXPECT_EQ(result.standard_deviation, (std::array<double, 3>{0.25, 0.25, 0.25}));
}

/// The error message for a preprocessor with one field changed.
std::string preprocessor_with(const char* key, const json& value) {
  json changed = preprocessor_json();
  changed[key] = value;
  return error_of([&] { preprocessor(changed); });
}

TEST(HuggingFacePreprocessor, NamesMissingFields) {
  for (const char* key : {"size", "crop_size", "resample", "image_mean", "image_std"}) {
    EXPECT_TRUE(
        mentions(preprocessor_with(key, nullptr), {"c/preprocessor_config.json", key, "missing"}));
  }
}

TEST(HuggingFacePreprocessor, NamesInvalidFields) {
  EXPECT_TRUE(mentions(preprocessor_with("resample", 0), {"resample", "3 (bicubic)"}));
  EXPECT_TRUE(mentions(preprocessor_with("image_mean", {1, 2}), {"image_mean", "3 numbers", "2"}));
  EXPECT_TRUE(mentions(preprocessor_with("image_std", {1, 0, 1}), {"image_std", "above 0"}));
  EXPECT_TRUE(mentions(preprocessor_with("size", "big"), {"size", "big"}));
  EXPECT_TRUE(mentions(preprocessor_with("do_resize", 1), {"do_resize", "true or false"}));
  EXPECT_TRUE(mentions(preprocessor_with("crop_size", {{"height", 16}}), {"crop_size.width"}));
}

}  // namespace config_test
}  // namespace whyclip
