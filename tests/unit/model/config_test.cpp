#include "whyclip/model/config.h"

#include <gtest/gtest.h>

#include <algorithm>
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

/// A config of the published sizes with one field changed.
json published(const char* pointer, const json& value) {
  json result{{"model_type", "clip"},
              {"text_config", json::object()},
              {"vision_config", json::object()},
              {"transformers_version", "4.46.3"}};
  result[json::json_pointer(pointer)] = value;
  return result;
}

// What transformers 4.41 and later write of OpenAI's ViT-B/32.
TEST(HuggingFaceConfig, HasTheDefaultsOfTransformersForWhatIsLeftOut) {
  const ClipConfig result = parse({{"model_type", "clip"}});

  EXPECT_EQ(result.vision.tower.width, 768);
  EXPECT_EQ(result.vision.tower.mlp_width, 3072);
  EXPECT_EQ(result.vision.tower.layers, 12);
  EXPECT_EQ(result.vision.tower.heads, 12);
  EXPECT_EQ(result.vision.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_EQ(result.vision.tower.epsilon, 1e-5f);
  EXPECT_EQ(result.vision.image_size, 224);
  EXPECT_EQ(result.vision.patch_size, 32);
  EXPECT_EQ(result.text.tower.width, 512);
  EXPECT_EQ(result.text.tower.mlp_width, 2048);
  EXPECT_EQ(result.text.tower.layers, 12);
  EXPECT_EQ(result.text.tower.heads, 8);
  EXPECT_EQ(result.text.vocabulary, 49408);
  EXPECT_EQ(result.text.context_length, 77);
  EXPECT_EQ(result.text.end_id, 49407);
  EXPECT_EQ(result.projection, 512);
}

TEST(HuggingFaceConfig, ListsTheFieldsThatItFilled) {
  const ClipConfig result = parse(published("/text_config/hidden_size", 64));

  EXPECT_EQ(result.filled.size(),
            17U);  // 8 of each tower and projection_dim
  EXPECT_EQ(result.filled[0], "vision_config.hidden_size: 768 (default of transformers' clip)");
  EXPECT_TRUE(std::ranges::find(result.filled,
                                "text_config.layer_norm_eps: 1e-05 (default of transformers' "
                                "clip)") != result.filled.end());
  EXPECT_TRUE(
      std::ranges::find(result.filled, "projection_dim: 512 (default of transformers' clip)") !=
      result.filled.end());
}

TEST(HuggingFaceConfig, FillsNothingIfItIsComplete) { EXPECT_TRUE(parse(config()).filled.empty()); }

// What 4.46.3 writes of a narrow model.
TEST(HuggingFaceConfig, IsReadAsTransformersWritesIt) {
  json sparse = config();
  sparse["model_type"] = "clip";
  sparse["transformers_version"] = "4.46.3";
  for (const char* tower : {"vision_config", "text_config"}) {
    sparse[tower].erase("hidden_act");
    sparse[tower].erase("layer_norm_eps");
  }

  const ClipConfig result = parse(sparse);

  EXPECT_EQ(result.text.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_EQ(result.vision.tower.epsilon, 1e-5f);
  EXPECT_EQ(result.text.end_id, 736);
  EXPECT_EQ(result.filled.size(), 4U);
}

// huggingface/transformers#24773 corrected the default in 4.31.
TEST(HuggingFaceConfig, HasTheEndTokenOfTheVersionThatWroteIt) {
  EXPECT_FALSE(parse(published("/transformers_version", "4.30.2")).text.end_id.has_value());
  EXPECT_EQ(parse(published("/transformers_version", "4.31.0.dev0")).text.end_id, 49407);
  EXPECT_EQ(parse(published("/transformers_version", "5.0.0")).text.end_id, 49407);
  EXPECT_EQ(parse(published("/transformers_version", nullptr)).text.end_id, 49407);
}

TEST(HuggingFaceConfig, RefusesTheDefaultEndTokenOutsideTheVocabulary) {
  json small = config();
  small["text_config"].erase("eos_token_id");

  EXPECT_TRUE(mentions(error_of([&] { parse(small); }),
                       {"c/config.json: text_config.eos_token_id", "49407", "737"}));
}

// CLIPConfig.__init__: a field of the class that the copy leaves out has its default, whatever the
// other section says.
TEST(HuggingFaceConfig, ReadsTheLegacyCopyOfATower) {
  json old = config();
  old["text_config_dict"] = old["text_config"];
  old["text_config_dict"]["num_attention_heads"] = 4;
  old["text_config_dict"].erase("hidden_act");
  old["text_config"]["hidden_act"] = "gelu";
  old["vision_config_dict"] = nullptr;

  const ClipConfig result = parse(old);

  EXPECT_EQ(result.text.tower.heads, 4);
  EXPECT_EQ(result.text.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_EQ(result.vision.tower.heads, 3);
}

TEST(HuggingFaceConfig, IgnoresKeysThatClipModelDoesNotRead) {
  json value = config();
  value["text_config"].update({{"dropout", 0.1}, {"torch_dtype", "float16"}, {"top_k", 50}});
  value["vision_config"].update({{"attention_dropout", 0.5}, {"num_channels", 3}});

  EXPECT_EQ(parse(value).vision.tower.width, 24);
}

TEST(HuggingFaceConfig, RefusesOtherNumbersOfChannels) {
  EXPECT_TRUE(mentions(with("/vision_config/num_channels", 1),
                       {"c/config.json: vision_config.num_channels", "from 3 to 3", "1"}));
}

TEST(HuggingFaceConfig, RejectsAnUnknownActivationWithItsName) {
  EXPECT_TRUE(mentions(with("/vision_config/hidden_act", "swish"),
                       {"c/config.json: vision_config.hidden_act", "swish", "quick_gelu, gelu"}));
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

TEST(HuggingFaceConfig, SupportsTheNamesOfTheTanhForm) {
  for (const char* name : {"gelu_pytorch_tanh", "gelu_new", "gelu_fast"}) {
    json value = config();
    value["text_config"]["hidden_act"] = name;
    EXPECT_EQ(parse(value).text.tower.activation, ActivationKind::kGeluTanh);
  }
  EXPECT_EQ(name_of(ActivationKind::kGeluTanh), "gelu_tanh");
}

TEST(HuggingFaceConfig, IsNamedIfItIsNotJson) {
  EXPECT_TRUE(mentions(error_of([] { parse_hugging_face_config("{", "c/config.json"); }),
                       {"c/config.json", "not valid JSON"}));
}

}  // namespace config_test
}  // namespace whyclip
