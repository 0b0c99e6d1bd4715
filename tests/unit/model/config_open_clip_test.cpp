#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/model/config.h"

namespace whyclip {
namespace config_open_clip_test {

using nlohmann::json;
using testing::error_of;
using testing::mentions;

json config() { return json::parse(testing::tiny_open_clip_config(ActivationKind::kGelu)); }

ClipConfig parse(const json& value) {
  return parse_open_clip_config(value.dump(), "open_clip_config.json");
}

PreprocessConfig preprocessor(const json& value) {
  return parse_open_clip_preprocessor(value.dump(), "open_clip_config.json");
}

json changed(const char* pointer, const json& value) {
  json result = config();
  result[json::json_pointer(pointer)] = value;
  return result;
}

/// The error message for a config with one field changed; null removes the field.
std::string with(const char* pointer, const json& value) {
  return error_of([&] { parse(changed(pointer, value)); });
}

TEST(OpenClipConfig, IsReadCompletely) {
  const ClipConfig result = parse(config());

  EXPECT_EQ(result.projection, 20);
  EXPECT_EQ(result.vision.tower.width, 24);
  EXPECT_EQ(result.vision.tower.heads, 3);
  EXPECT_EQ(result.vision.tower.mlp_width, 48);
  EXPECT_EQ(result.vision.patch_size, 4);
  EXPECT_EQ(result.text.tower.width, 16);
  EXPECT_EQ(result.text.tower.heads, 2);
  EXPECT_EQ(result.text.context_length, 32);
  EXPECT_EQ(result.text.tower.epsilon, 1e-5f);
  EXPECT_FALSE(result.text.end_id.has_value());
}

TEST(OpenClipConfig, HasTheDefaultsOfOpenClip) {
  json value = config();
  value["model_cfg"].erase("quick_gelu");
  value["model_cfg"]["vision_cfg"] = {
      {"image_size", 224}, {"layers", 12}, {"width", 768}, {"patch_size", 32}};

  const ClipConfig result = parse(value);

  EXPECT_EQ(result.vision.tower.heads, 12);        // head_width 64
  EXPECT_EQ(result.vision.tower.mlp_width, 3072);  // mlp_ratio 4
  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kGelu);
}

TEST(OpenClipConfig, UsesQuickGeluForBothTowers) {
  const ClipConfig result = parse(changed("/model_cfg/quick_gelu", true));

  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_EQ(result.text.tower.activation, ActivationKind::kQuickGelu);
}

class MissingOpenClipField : public ::testing::TestWithParam<const char*> {};

TEST_P(MissingOpenClipField, IsNamedWithTheFile) {
  const std::string pointer = GetParam();

  EXPECT_TRUE(
      mentions(with(GetParam(), nullptr),
               {"open_clip_config.json", pointer.substr(pointer.rfind('/') + 1), "missing"}));
}

INSTANTIATE_TEST_SUITE_P(
    OpenClipConfig, MissingOpenClipField,
    ::testing::Values("/model_cfg", "/model_cfg/embed_dim", "/model_cfg/vision_cfg",
                      "/model_cfg/text_cfg", "/model_cfg/vision_cfg/width",
                      "/model_cfg/vision_cfg/layers", "/model_cfg/vision_cfg/image_size",
                      "/model_cfg/vision_cfg/patch_size", "/model_cfg/text_cfg/width",
                      "/model_cfg/text_cfg/layers", "/model_cfg/text_cfg/heads",
                      "/model_cfg/text_cfg/vocab_size", "/model_cfg/text_cfg/context_length"));

TEST(OpenClipConfig, RejectsTowersThatAreNotPlainTransformers) {
  EXPECT_TRUE(
      mentions(with("/model_cfg/vision_cfg/timm_model_name", "convnext_base"),
               {"open_clip_config.json: model_cfg.vision_cfg.timm_model_name", "not supported"}));
  EXPECT_TRUE(mentions(with("/model_cfg/text_cfg/hf_model_name", "roberta-base"),
                       {"text_cfg.hf_model_name", "not supported"}));
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/attentional_pool", true),
                       {"attentional_pool", "not supported"}));
  EXPECT_TRUE(mentions(with("/model_cfg/custom_text", true), {"custom_text", "not supported"}));
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/layers", {3, 4, 6, 3}), {"layers", "ResNet"}));
}

TEST(OpenClipConfig, AcceptsASpecialFieldThatIsFalse) {
  EXPECT_NO_THROW(parse(changed("/model_cfg/vision_cfg/attentional_pool", false)));
}

TEST(OpenClipConfig, RejectsSizesThatDoNotMatch) {
  EXPECT_TRUE(mentions(with("/model_cfg/text_cfg/heads", 3), {"text_cfg.heads", "3 heads", "16"}));
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/patch_size", 5), {"patch_size", "5", "16"}));
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/head_width", 48), {"head_width", "0 heads"}));
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/mlp_ratio", -1), {"mlp_ratio", "-1"}));
}

TEST(OpenClipPreprocessor, HasOpenAIsStatisticsByDefault) {
  const PreprocessConfig result = preprocessor(config());

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 16);
  EXPECT_EQ(result.crop_width, 16);
  EXPECT_EQ(result.mean[1], 0.4578275);
  EXPECT_EQ(result.standard_deviation[0], 0.26862954);
  EXPECT_EQ(result.filter, Filter::kBicubic);
}

TEST(OpenClipPreprocessor, UsesTheValuesOfTheConfig) {
  const PreprocessConfig result =
      preprocessor(changed("/preprocess_cfg", {{"mean", {0.5, 0.5, 0.5}},
                                               {"std", {0.25, 0.25, 0.25}},
                                               {"interpolation", "bilinear"},
                                               {"resize_mode", "squash"}}));

  EXPECT_EQ(result.mean[0], 0.5);
  EXPECT_EQ(result.standard_deviation[0], 0.25);
  EXPECT_EQ(result.filter, Filter::kBilinear);
  EXPECT_EQ(std::get<FixedSize>(result.size).height, 16);
}

// torchvision's CenterCrop, which OpenAI's and open_clip's transforms use.
TEST(OpenClipPreprocessor, RoundsHalfAMarginOfTheCropToEven) {
  EXPECT_EQ(preprocessor(config()).crop_rounding, CropRounding::kToEven);
}

TEST(OpenClipPreprocessor, AcceptsOneNumberForAllChannels) {
  const PreprocessConfig result =
      preprocessor(changed("/preprocess_cfg", {{"mean", 0.5}, {"std", 0.25}}));

  EXPECT_EQ(result.mean, (std::array<double, 3>{0.5, 0.5, 0.5}));
  EXPECT_EQ(result.standard_deviation, (std::array<double, 3>{0.25, 0.25, 0.25}));
}

TEST(OpenClipPreprocessor, RefusesAStandardDeviationOfZero) {
  EXPECT_TRUE(mentions(error_of([] {
                         preprocessor(changed("/preprocess_cfg", {{"std", 0}}));
                       }),
                       {"preprocess_cfg.std", "above 0"}));
}

// open_clip draws a random filter during training only.
TEST(OpenClipPreprocessor, TreatsRandomInterpolationAsBicubic) {
  const json value = changed("/preprocess_cfg", {{"interpolation", "random"}});

  EXPECT_EQ(preprocessor(value).filter, Filter::kBicubic);
}

TEST(OpenClipPreprocessor, AcceptsBothSidesOfASquareImage) {
  const json value = changed("/model_cfg/vision_cfg/image_size", {16, 16});

  EXPECT_EQ(parse(value).vision.image_size, 16);
  EXPECT_EQ(preprocessor(value).crop_width, 16);
}

TEST(OpenClipPreprocessor, RefusesAnImageThatIsNotSquare) {
  EXPECT_TRUE(mentions(with("/model_cfg/vision_cfg/image_size", {16, 24}),
                       {"model_cfg.vision_cfg.image_size", "two equal ones"}));
}

TEST(OpenClipPreprocessor, RejectsUnknownModes) {
  const auto message = [](const char* pointer, const char* value) {
    return error_of([&] { preprocessor(changed(pointer, value)); });
  };

  EXPECT_TRUE(mentions(message("/preprocess_cfg/interpolation", "nearest"),
                       {"preprocess_cfg.interpolation", "nearest"}));
  EXPECT_TRUE(mentions(message("/preprocess_cfg/resize_mode", "longest"),
                       {"preprocess_cfg.resize_mode", "longest"}));
}

}  // namespace config_open_clip_test
}  // namespace whyclip
