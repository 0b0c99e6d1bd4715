// Another family is refused by one line with its name and the reason.

#include "whyclip/model/model_family.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace model_family_test {

using nlohmann::json;
using testing::error_of;
using testing::mentions;

std::string config_of(const json& value) {
  return error_of([&] { require_clip_config(value.dump(), "m/config.json"); });
}

struct Refused {
  const char* model_type;
  const char* name;
  const char* reason;
};

class OtherModelType : public ::testing::TestWithParam<Refused> {};

TEST_P(OtherModelType, IsRefusedWithItsNameAndTheReason) {
  const auto& [type, name, reason] = GetParam();
  // Fields of a CLIP are there too: the family is checked before them.
  const std::string message = config_of({{"model_type", type},
                                         {"text_config", {{"hidden_size", 8}}},
                                         {"vision_config", {{"hidden_size", 8}}}});

  EXPECT_TRUE(mentions(message, {"[m/config.json]", name, type, reason}));
  EXPECT_EQ(message.find("missing"), message.npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Families, OtherModelType,
    ::testing::Values(Refused{"siglip", "a SigLIP model", "its pooling head is not supported yet"},
                      Refused{"siglip2", "a SigLIP 2 model (naflex)", "any aspect ratio"},
                      Refused{"siglip_vision_model", "SigLIP alone", "both towers"},
                      Refused{"metaclip_2", "a MetaCLIP 2 model", "tokenizer"},
                      Refused{"clip_vision_model", "the image tower of a CLIP alone",
                              "both towers"},
                      Refused{"clip_text_model", "the text tower of a CLIP alone", "both towers"},
                      Refused{"chinese_clip", "a Chinese-CLIP model", "BERT"},
                      Refused{"altclip", "an AltCLIP model", "XLM-RoBERTa"},
                      Refused{"clipseg", "a CLIPSeg model", "masks"},
                      Refused{"owlvit", "an OWL-ViT model", "objects"},
                      Refused{"owlv2", "an OWLv2 model", "objects"},
                      Refused{"xclip", "an X-CLIP model", "videos"},
                      Refused{"align", "an ALIGN model", "EfficientNet"},
                      Refused{"blip", "a BLIP model", "not supported"},
                      Refused{"flava", "a FLAVA model", "not supported"},
                      Refused{"groupvit", "a GroupViT model", "not supported"},
                      Refused{"clap", "a CLAP model", "sounds"},
                      Refused{"jina_clip", "a Jina CLIP model", "EVA-02"},
                      Refused{"vision-text-dual-encoder", "a dual encoder", "not supported"},
                      Refused{"bert", "a model of the type \"bert\"", "expected a CLIP"}));

TEST(Family, OfADualEncoderNamesItsTowers) {
  EXPECT_TRUE(mentions(config_of({{"model_type", "vision-text-dual-encoder"},
                                  {"vision_config", {{"model_type", "clip_vision_model"}}},
                                  {"text_config", {{"model_type", "bert"}}}}),
                       {"clip_vision_model and bert"}));
}

TEST(Family, IsClipByItsModelType) {
  EXPECT_EQ(config_of({{"model_type", "clip"}}), "(no error)");
  EXPECT_EQ(config_of({{"model_type", "clip"}, {"architectures", {"CLIPModel"}}}), "(no error)");
}

// The first configs of transformers.
TEST(Family, WithoutAModelTypeIsClipByItsArchitectureOrItsTowers) {
  EXPECT_EQ(config_of({{"architectures", {"CLIPModel"}}}), "(no error)");
  EXPECT_EQ(config_of({{"vision_config", json::object()}, {"text_config", json::object()}}),
            "(no error)");
  EXPECT_TRUE(
      mentions(config_of({{"hidden_size", 8}}), {"m/config.json", "not the config of a CLIP"}));
}

TEST(Family, OfOtherHeadsUnderTheSameModelTypeIsRefused) {
  const auto architecture = [](const char* name) {
    return config_of({{"model_type", "clip"}, {"architectures", {name}}});
  };
  EXPECT_TRUE(mentions(architecture("CLIPVisionModelWithProjection"), {"image tower", "alone"}));
  EXPECT_TRUE(mentions(architecture("CLIPTextModel"), {"text tower", "alone"}));
  EXPECT_TRUE(mentions(architecture("CLIPForImageClassification"), {"image classifier"}));
  EXPECT_TRUE(mentions(architecture("EvaCLIPModel"), {"EVA-CLIP"}));
  EXPECT_EQ(architecture("OpenFashionModel"), "(no error)");  // its tensors decide
}

TEST(Family, WithCodeOfItsOwnIsRefused) {
  const json value{{"model_type", "clip"},
                   {"architectures", {"LongModel"}},
                   {"auto_map", {{"AutoModel", "modeling_long.LongModel"}}}};

  EXPECT_TRUE(mentions(config_of(value), {"LongModel", "code is not run"}));
}

TEST(Family, OfATimmConfigIsRefused) {
  EXPECT_TRUE(mentions(config_of({{"architecture", "vit_base_patch32_clip_224"}}),
                       {"timm's vit_base_patch32_clip_224", "both towers"}));
}

std::string open_clip_with(const char* pointer, const json& value) {
  json config = json::parse(testing::tiny_open_clip_config(ActivationKind::kGelu));
  config[json::json_pointer(pointer)] = value;
  return error_of([&] { require_open_clip_config(config.dump(), "open_clip_config.json"); });
}

TEST(OpenClipFamily, OfATimmTowerIsRefusedWithTheTower) {
  const auto tower = [](const char* name) {
    return open_clip_with("/model_cfg/vision_cfg/timm_model_name", name);
  };
  EXPECT_TRUE(mentions(tower("vit_base_patch16_siglip_224"),
                       {"model_cfg.vision_cfg.timm_model_name", "a SigLIP model",
                        "timm's vit_base_patch16_siglip_224", "not supported yet"}));
  EXPECT_TRUE(mentions(tower("fastvit_mci0"), {"a MobileCLIP model", "fastvit_mci0"}));
  EXPECT_TRUE(mentions(tower("vit_base_mci_224"), {"a MobileCLIP model"}));
  EXPECT_TRUE(mentions(tower("vitamin_small_224"), {"a ViTamin model"}));
  EXPECT_TRUE(mentions(tower("eva02_base_patch16_clip_224"), {"an EVA-CLIP model"}));
  EXPECT_TRUE(mentions(tower("vit_pe_core_base_patch16_224"), {"a PE-Core model"}));
  EXPECT_TRUE(mentions(tower("convnext_base"), {"a ConvNeXt CLIP"}));
  EXPECT_TRUE(mentions(tower("vit_base_patch16_224"), {"another image tower"}));
}

TEST(OpenClipFamily, OfOtherTowersIsRefused) {
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/vision_cfg/layers", {3, 4, 6, 3}),
                       {"model_cfg.vision_cfg.layers", "ResNet"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/multimodal_cfg", {{"layers", 2}}), {"CoCa"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/text_cfg/hf_model_name", "roberta-base"),
                       {"text_cfg.hf_model_name", "roberta-base"}));
  EXPECT_TRUE(mentions(
      open_clip_with("/model_cfg/text_cfg/hf_model_name", "facebook/nllb-200-distilled-600M"),
      {"an NLLB-CLIP model"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/vision_cfg/attentional_pool", "parallel"),
                       {"attentional_pool", "attention pool"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/vision_cfg/no_ln_pre", true), {"CLIPA"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/vision_cfg/pool_type", "avg"), {"CLIPA"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/text_cfg/no_causal_mask", true),
                       {"no_causal_mask", "causal"}));
  EXPECT_TRUE(mentions(open_clip_with("/model_cfg/init_logit_bias", -10), {"SigLIP", "bias"}));
}

TEST(OpenClipFamily, IsClipWithEverythingOff) {
  EXPECT_EQ(open_clip_with("/model_cfg/vision_cfg/attentional_pool", false), "(no error)");
  EXPECT_EQ(open_clip_with("/model_cfg/vision_cfg/timm_model_name", nullptr), "(no error)");
  EXPECT_EQ(open_clip_with("/model_cfg/vision_cfg/timm_model_name", ""), "(no error)");
}

}  // namespace model_family_test
}  // namespace whyclip
