#include "whyclip/model/tensor_names.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/model/fake_tensors.h"

namespace whyclip {
namespace tensor_names_test {

using testing::error_of;
using testing::hugging_face_tensors;
using testing::mentions;
using testing::open_clip_tensors;
using Names = std::vector<std::string>;

std::string family(const Names& names) { return unsupported_family(names).value_or("plain"); }

/// A tensor that only this family has, and what the line says of the family.
struct OtherFamily {
  const char* tensor;
  const char* family;
};

const OtherFamily kOthers[] = {
    {"vision_model.head.probe", "SigLIP"},
    {"text_model.head.weight", "SigLIP"},
    {"visual.layer1.0.conv1.weight", "ResNet"},
    {"visual.blocks.0.attn.q_proj.weight", "EVA-CLIP"},
    {"visual.trunk.blocks.0.attn.q_proj.weight", "EVA-CLIP"},
    {"visual.trunk.stages.0.blocks.0.conv_dw.weight", "convolutional"},
    {"visual.trunk.patch_embed.backbone.stem.conv1.weight", "ViTamin"},
    {"visual.trunk.blocks.0.attn.qkv.weight", "timm"},
    {"text.transformer.embeddings.word_embeddings.weight", "Hugging Face's text tower"},
    {"text_decoder.resblocks.0.attn.in_proj_weight", "CoCa"},
    {"text.cls_emb", "CoCa"},
    {"visual.attn_pool.query", "attention pooling"},
    {"text_model.embeddings.word_embeddings.weight", "BERT"},
    {"text_model.roberta.embeddings.word_embeddings.weight", "AltCLIP"},
    {"decoder.film_mul.weight", "CLIPSeg"},
    {"vision_model.pre_layernorm.weight", "OWL-ViT"},
    {"vision_model.embeddings.convolution.weight", "ALIGN"},
    {"vision_model.encoder.stages.0.group_token", "GroupViT"},
    {"model.diffusion_model.input_blocks.0.0.weight", "Stable Diffusion"},
    {"text_encoder.layers.0.lora_A.weight", "LoRA"},
    {"visual.conv1_alpha.weight", "Alpha-CLIP"},
    {"visual.transformer.resblocks.0.ls_1.gamma", "layer scale"},
    {"visual.transformer.resblocks.0.attn.ln_q.weight", "qk_norm"},
    {"visual.transformer.resblocks.0.mlp.ln.weight", "scale_fc"},
    {"logit_bias", "sigmoid"},
};

TEST(UnsupportedFamily, IsNamedByItsOwnTensor) {
  for (const OtherFamily& other : kOthers) {
    Names names = open_clip_tensors().names;
    names.push_back(other.tensor);

    EXPECT_TRUE(mentions(family(names), {other.family, ": ", other.tensor})) << other.tensor;
  }
}

TEST(UnsupportedFamily, IsRecognisedBehindAPrefix) {
  EXPECT_TRUE(mentions(family({"module.visual.layer1.0.conv1.weight"}), {"ResNet"}));
  EXPECT_EQ(family({"my_visual.layer1.0.conv1.weight"}), "plain");
}

TEST(UnsupportedFamily, TimmsPoolingHeadIsSigLIPsIfThereIsALogitBias) {
  const Names pooling{"visual.trunk.attn_pool.latent"};
  Names siglip = pooling;
  siglip.push_back("logit_bias");

  EXPECT_TRUE(mentions(family(siglip), {"SigLIP", "pooling head"}));
  EXPECT_TRUE(mentions(family(pooling), {"PE-Core"}));
}

TEST(UnsupportedFamily, IsNamedForATowerOfTimmAlone) {
  EXPECT_TRUE(mentions(family({"cls_token", "patch_embed.proj.weight", "blocks.0.norm1.weight"}),
                       {"timm", "no text tower"}));
}

TEST(UnsupportedFamily, IsNothingForPlainClips) {
  EXPECT_EQ(family(open_clip_tensors().names), "plain");
  EXPECT_EQ(family(hugging_face_tensors().names), "plain");
  EXPECT_EQ(family({}), "plain");
}

Names with_prefix(const Names& names, const std::string& prefix) {
  Names result;
  for (const std::string& name : names) result.push_back(prefix + name);
  return result;
}

TEST(TensorPrefix, IsWhatAllTowersBeginWith) {
  for (const char* prefix : {"", "module.", "module.model.", "clip_model."}) {
    EXPECT_EQ(tensor_prefix(with_prefix(open_clip_tensors().names, prefix), "a.pt"), prefix);
    EXPECT_EQ(tensor_prefix(with_prefix(hugging_face_tensors().names, prefix), "a.pt"), prefix);
  }
}

TEST(TensorPrefix, IsEmptyWithoutTowers) {
  EXPECT_EQ(tensor_prefix({}, "a.pt"), "");
  EXPECT_EQ(tensor_prefix(Names{"module.fc.weight", "my_visual.conv1.weight"}, "a.pt"), "");
}

TEST(TensorPrefix, IgnoresOtherTensors) {
  Names names = with_prefix(open_clip_tensors().names, "module.");
  names.push_back("epoch");

  EXPECT_EQ(tensor_prefix(names, "a.pt"), "module.");
}

TEST(TensorPrefix, OfOpenClipsCustomTextTowerIsThatOfTheModel) {
  const Names names{"module.visual.conv1.weight", "module.text.token_embedding.weight"};

  EXPECT_EQ(tensor_prefix(names, "a.pt"), "module.");
}

TEST(TensorPrefix, RefusesTwoModelsInOneFile) {
  Names names = with_prefix(open_clip_tensors().names, "model.");
  for (const std::string& name : with_prefix(open_clip_tensors().names, "ema.")) {
    names.push_back(name);
  }

  EXPECT_TRUE(mentions(error_of([&] { tensor_prefix(names, "a.pt"); }),
                       {"a.pt", "two models", "\"ema.\"", "\"model.\""}));
}

TEST(LayoutOf, IsToldByNames) {
  EXPECT_EQ(layout_of(open_clip_tensors().names), CheckpointLayout::kOpenClip);
  EXPECT_EQ(layout_of(hugging_face_tensors().names), CheckpointLayout::kHuggingFace);
  EXPECT_FALSE(layout_of(Names{"fc.weight"}).has_value());
}

}  // namespace tensor_names_test
}  // namespace whyclip
