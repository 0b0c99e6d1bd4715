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

// CLIPVisionCfg and CLIPTextCfg of open_clip 3.3.
TEST(OpenClipConfig, HasTheDefaultsOfOpenClip) {
  json value = config();
  value["model_cfg"].erase("quick_gelu");
  value["model_cfg"]["vision_cfg"] = json::object();
  value["model_cfg"]["text_cfg"] = json::object();

  const ClipConfig result = parse(value);

  EXPECT_EQ(result.vision.tower.width, 768);
  EXPECT_EQ(result.vision.tower.layers, 12);
  EXPECT_EQ(result.vision.tower.heads, 12);        // head_width 64
  EXPECT_EQ(result.vision.tower.mlp_width, 3072);  // mlp_ratio 4
  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kGelu);
  EXPECT_EQ(result.vision.image_size, 224);
  EXPECT_EQ(result.vision.patch_size, 16);
  EXPECT_EQ(result.text.tower.width, 512);
  EXPECT_EQ(result.text.tower.layers, 12);
  EXPECT_EQ(result.text.tower.heads, 8);
  EXPECT_EQ(result.text.tower.mlp_width, 2048);
  EXPECT_EQ(result.text.vocabulary, 49408);
  EXPECT_EQ(result.text.context_length, 77);
  EXPECT_EQ(result.filled.size(), 12U);  // six of each tower
  EXPECT_EQ(result.filled[0], "vision_cfg.width: 768 (default of open_clip)");
}

TEST(OpenClipConfig, AcceptsEveryFieldAtItsDefault) {
  json value = config();
  value["model_cfg"].update({{"custom_text", false},
                             {"init_logit_bias", nullptr},
                             {"nonscalar_logit_scale", false},
                             {"output_dict", true}});
  for (const char* tower : {"vision_cfg", "text_cfg"}) {
    value["model_cfg"][tower].update({{"ls_init_value", nullptr},
                                      {"output_tokens", false},
                                      {"act_kwargs", nullptr},
                                      {"norm_kwargs", json::object()},
                                      {"block_type", nullptr},
                                      {"qk_norm", false},
                                      {"scaled_cosine_attn", false},
                                      {"scale_heads", false},
                                      {"scale_attn_inner", false},
                                      {"scale_attn", false},
                                      {"scale_fc", false},
                                      {"final_ln_after_pool", false}});
  }
  value["model_cfg"]["vision_cfg"].update({{"patch_dropout", 0.5},
                                           {"attentional_pool", false},
                                           {"no_ln_pre", false},
                                           {"pos_embed_type", "learnable"},
                                           {"pool_type", "tok"},
                                           {"timm_model_name", nullptr},
                                           {"timm_pool", "avg"}});
  value["model_cfg"]["text_cfg"].update({{"pool_type", "argmax"},
                                         {"proj_type", "linear"},
                                         {"proj_bias", false},
                                         {"no_causal_mask", false},
                                         {"embed_cls", false},
                                         {"pad_id", 0},
                                         {"eos_id", 2},
                                         {"hf_model_name", nullptr},
                                         {"tokenizer_kwargs", {{"clean", "lower"}}}});

  const ClipConfig result = parse(value);

  EXPECT_EQ(result.vision.tower.width, 24);
  EXPECT_FALSE(result.text.end_id.has_value());
  EXPECT_EQ(result.text.tokenizer.cleaning, TextCleaning::kLower);
}

struct Field {
  const char* pointer;
  json value;
};

class FieldThatChangesTheNetwork : public ::testing::TestWithParam<Field> {};

TEST_P(FieldThatChangesTheNetwork, IsRefusedByName) {
  const auto& [pointer, value] = GetParam();
  const std::string path = pointer, field = path.substr(path.rfind('/') + 1);

  EXPECT_TRUE(mentions(with(pointer, value), {"open_clip_config.json: model_cfg.", field}));
}

INSTANTIATE_TEST_SUITE_P(
    OpenClipConfig, FieldThatChangesTheNetwork,
    ::testing::Values(Field{"/model_cfg/vision_cfg/qk_norm", true},
                      Field{"/model_cfg/text_cfg/qk_norm", true},
                      Field{"/model_cfg/vision_cfg/scale_fc", true},
                      Field{"/model_cfg/vision_cfg/scale_heads", true},
                      Field{"/model_cfg/vision_cfg/scale_attn", true},
                      Field{"/model_cfg/vision_cfg/scale_attn_inner", true},
                      Field{"/model_cfg/vision_cfg/scaled_cosine_attn", true},
                      Field{"/model_cfg/vision_cfg/ls_init_value", 1e-5},
                      Field{"/model_cfg/vision_cfg/block_type", "custom"},
                      Field{"/model_cfg/vision_cfg/pos_embed_type", "sin_cos_2d"},
                      Field{"/model_cfg/vision_cfg/pool_type", "avg_all"},
                      Field{"/model_cfg/vision_cfg/input_patchnorm", true},
                      Field{"/model_cfg/vision_cfg/norm_kwargs", {{"bias", false}}},
                      Field{"/model_cfg/text_cfg/pool_type", "last"},
                      Field{"/model_cfg/text_cfg/proj_type", "none"},
                      Field{"/model_cfg/text_cfg/embed_cls", true},
                      Field{"/model_cfg/text_cfg/tokenizer_kwargs", {{"reduction_mask", "simple"}}},
                      Field{"/model_cfg/init_logit_bias", -10},
                      // Fields that open_clip does not have.
                      Field{"/model_cfg/vision_cfg/rope", true},
                      Field{"/model_cfg/text_cfg/rope", false},
                      Field{"/model_cfg/temperature", 1}));

TEST(OpenClipConfig, ObeysTheEpsilonOfNormKwargs) {
  json value = config();
  value["model_cfg"]["vision_cfg"]["norm_kwargs"] = {{"eps", 1e-3}};
  value["model_cfg"]["text_cfg"]["norm_kwargs"] = {{"eps", 1e-6}};

  const ClipConfig result = parse(value);

  EXPECT_EQ(result.vision.tower.epsilon, 1e-3f);
  EXPECT_EQ(result.text.tower.epsilon, 1e-6f);
  EXPECT_TRUE(mentions(with("/model_cfg/text_cfg/norm_kwargs", {{"eps", 2}}),
                       {"text_cfg.norm_kwargs.eps", "2"}));
}

TEST(OpenClipConfig, ObeysTheApproximationOfActKwargs) {
  const ClipConfig result =
      parse(changed("/model_cfg/vision_cfg/act_kwargs", {{"approximate", "tanh"}}));

  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kGeluTanh);
  EXPECT_EQ(result.text.tower.activation, ActivationKind::kGelu);
  json quick = changed("/model_cfg/vision_cfg/act_kwargs", {{"approximate", "tanh"}});
  quick["model_cfg"]["quick_gelu"] = true;
  EXPECT_TRUE(mentions(error_of([&] { parse(quick); }), {"act_kwargs.approximate"}));
  EXPECT_TRUE(mentions(with("/model_cfg/text_cfg/act_kwargs", {{"approximate", "fast"}}),
                       {"act_kwargs.approximate", "none or tanh", "fast"}));
}

TEST(OpenClipConfig, ReadsThePoolingOfTheText) {
  json value = changed("/model_cfg/text_cfg/pool_type", "eos");
  EXPECT_TRUE(mentions(error_of([&] { parse(value); }), {"text_cfg.eos_id", "left out"}));

  value["model_cfg"]["text_cfg"]["eos_id"] = 736;

  EXPECT_EQ(parse(value).text.end_id, 736);
  value["model_cfg"]["text_cfg"]["eos_id"] = 737;
  EXPECT_TRUE(mentions(error_of([&] { parse(value); }), {"text_cfg.eos_id", "737"}));
}

TEST(OpenClipConfig, KnowsTheNamesOfACustomText) {
  EXPECT_TRUE(parse(changed("/model_cfg/custom_text", true)).text.custom_names);
  EXPECT_FALSE(parse(config()).text.custom_names);
}

TEST(OpenClipConfig, ReadsABiasOfTheTextProjection) {
  EXPECT_TRUE(parse(changed("/model_cfg/text_cfg/proj_bias", true)).text.projection_bias);
  EXPECT_FALSE(parse(config()).text.projection_bias);
}

// Python's bool("TRUE") is true, and so is bool("False").
TEST(OpenClipConfig, ReadsQuickGeluAsPythonDoes) {
  for (const json& value : {json("TRUE"), json("true"), json("yes"), json(1), json(true)}) {
    EXPECT_EQ(parse(changed("/model_cfg/quick_gelu", value)).text.tower.activation,
              ActivationKind::kQuickGelu)
        << value;
  }
  for (const json& value : {json(""), json(0), json(false), json(nullptr)}) {
    EXPECT_EQ(parse(changed("/model_cfg/quick_gelu", value)).text.tower.activation,
              ActivationKind::kGelu)
        << value;
  }
  EXPECT_TRUE(mentions(with("/model_cfg/quick_gelu", "False"),
                       {"model_cfg.quick_gelu", "\"False\"", "without quotation marks"}));
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

INSTANTIATE_TEST_SUITE_P(OpenClipConfig, MissingOpenClipField,
                         ::testing::Values("/model_cfg", "/model_cfg/embed_dim",
                                           "/model_cfg/vision_cfg", "/model_cfg/text_cfg"));

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

TEST(OpenClipPreprocessor, FitsTheLongerSideAndPads) {
  const PreprocessConfig result =
      preprocessor(changed("/preprocess_cfg", {{"resize_mode", "longest"}, {"fill_color", 128}}));

  EXPECT_EQ(std::get<LongestEdge>(result.size).pixels, 16);
  EXPECT_TRUE(result.do_center_crop);
  EXPECT_EQ(result.pad_rounding, PadRounding::kDown);
  EXPECT_EQ(result.pad_value, 128);
  EXPECT_TRUE(mentions(error_of([] {
                         preprocessor(changed("/preprocess_cfg", {{"fill_color", 256}}));
                       }),
                       {"preprocess_cfg.fill_color", "256"}));
}

// open_clip's create_model replaces the size by the tower's.
TEST(OpenClipPreprocessor, HasTheSizeOfTheTower) {
  const PreprocessConfig result = preprocessor(changed("/preprocess_cfg", {{"size", 32}}));

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 16);
}

TEST(OpenClipPreprocessor, SaysThatItHasDefaults) {
  std::vector<std::string> filled;
  parse_open_clip_preprocessor(config().dump(), "c.json", &filled);

  EXPECT_EQ(filled.size(), 1U);
  filled.clear();
  parse_open_clip_preprocessor(changed("/preprocess_cfg", {{"mean", 0.5}}).dump(), "c.json",
                               &filled);
  EXPECT_TRUE(filled.empty());
}

TEST(OpenClipPreprocessor, RejectsUnknownModes) {
  const auto message = [](const char* pointer, const char* value) {
    return error_of([&] { preprocessor(changed(pointer, value)); });
  };

  EXPECT_TRUE(mentions(message("/preprocess_cfg/interpolation", "nearest"),
                       {"preprocess_cfg.interpolation", "nearest"}));
  EXPECT_TRUE(mentions(message("/preprocess_cfg/resize_mode", "stretch"),
                       {"preprocess_cfg.resize_mode", "stretch"}));
}

}  // namespace config_open_clip_test
}  // namespace whyclip
