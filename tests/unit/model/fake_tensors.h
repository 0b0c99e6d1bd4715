#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "whyclip/model/infer_config.h"

namespace whyclip::testing {

/// Tensors without values, for tests of names and shapes.
struct FakeTensors {
  std::vector<std::string> names;
  std::map<std::string, StoredTensor, std::less<>> tensors;

  void add(const std::string& name, std::vector<std::int64_t> shape,
           DataType type = DataType::kF32) {
    if (tensors.insert_or_assign(name, StoredTensor{type, std::move(shape), {}}).second) {
      names.push_back(name);
    }
  }
  void remove(const std::string& name) {
    tensors.erase(name);
    std::erase(names, name);
  }
  void sort() { std::sort(names.begin(), names.end()); }
  TensorListing listing() const {
    return {"clip.pt", names, [this](std::string_view name) {
              const auto found = tensors.find(name);
              return found == tensors.end() ? nullptr : &found->second;
            }};
  }
};

/// Sizes of a CLIP; the defaults are those of ViT-B/32.
struct FakeClip {
  std::int64_t width = 768, mlp = 3072, layers = 12, patch = 32, grid = 7;
  std::int64_t text_width = 512, text_layers = 12, context = 77, vocabulary = 49408;
  std::int64_t joint = 512;
};

/// Order of the tensors in a block: open_clip's and OpenAI's code differ.
enum class BlockOrder { kOpenClip, kOpenAI };

inline void add_open_clip_blocks(FakeTensors& result, const std::string& prefix,
                                 std::int64_t layers, std::int64_t width, std::int64_t mlp,
                                 BlockOrder order) {
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string block = prefix + std::to_string(i) + ".";
    const auto norm = [&](const std::string& name) {
      result.add(block + name + ".weight", {width});
      result.add(block + name + ".bias", {width});
    };
    if (order == BlockOrder::kOpenClip) norm("ln_1");
    result.add(block + "attn.in_proj_weight", {3 * width, width});
    result.add(block + "attn.in_proj_bias", {3 * width});
    result.add(block + "attn.out_proj.weight", {width, width});
    result.add(block + "attn.out_proj.bias", {width});
    norm(order == BlockOrder::kOpenClip ? "ln_2" : "ln_1");
    result.add(block + "mlp.c_fc.weight", {mlp, width});
    result.add(block + "mlp.c_fc.bias", {mlp});
    result.add(block + "mlp.c_proj.weight", {width, mlp});
    result.add(block + "mlp.c_proj.bias", {width});
    if (order == BlockOrder::kOpenAI) norm("ln_2");
  }
}

/// The state_dict of OpenAI's or open_clip's class.
inline FakeTensors open_clip_tensors(const FakeClip& clip = {},
                                     BlockOrder order = BlockOrder::kOpenClip) {
  FakeTensors result;
  result.add("positional_embedding", {clip.context, clip.text_width});
  result.add("text_projection", {clip.text_width, clip.joint});
  result.add("logit_scale", {});
  result.add("visual.class_embedding", {clip.width});
  result.add("visual.positional_embedding", {clip.grid * clip.grid + 1, clip.width});
  result.add("visual.proj", {clip.width, clip.joint});
  result.add("visual.conv1.weight", {clip.width, 3, clip.patch, clip.patch});
  for (const char* name : {"visual.ln_pre.weight", "visual.ln_pre.bias"}) {
    result.add(name, {clip.width});
  }
  add_open_clip_blocks(result, "visual.transformer.resblocks.", clip.layers, clip.width, clip.mlp,
                       order);
  for (const char* name : {"visual.ln_post.weight", "visual.ln_post.bias"}) {
    result.add(name, {clip.width});
  }
  add_open_clip_blocks(result, "transformer.resblocks.", clip.text_layers, clip.text_width,
                       4 * clip.text_width, order);
  result.add("token_embedding.weight", {clip.vocabulary, clip.text_width});
  result.add("ln_final.weight", {clip.text_width});
  result.add("ln_final.bias", {clip.text_width});
  return result;
}

/// The state_dict of transformers' CLIPModel; of a block only what tells a size.
inline FakeTensors hugging_face_tensors(const FakeClip& clip = {}) {
  FakeTensors result;
  const auto blocks = [&](const std::string& tower, std::int64_t layers, std::int64_t width,
                          std::int64_t mlp) {
    for (std::int64_t i = 0; i < layers; ++i) {
      const std::string block = tower + ".encoder.layers." + std::to_string(i) + ".";
      result.add(block + "self_attn.q_proj.weight", {width, width});
      result.add(block + "mlp.fc1.weight", {mlp, width});
      result.add(block + "mlp.fc2.weight", {width, mlp});
    }
  };
  result.add("logit_scale", {});
  result.add("text_model.embeddings.token_embedding.weight", {clip.vocabulary, clip.text_width});
  result.add("text_model.embeddings.position_embedding.weight", {clip.context, clip.text_width});
  blocks("text_model", clip.text_layers, clip.text_width, 4 * clip.text_width);
  result.add("vision_model.embeddings.class_embedding", {clip.width});
  result.add("vision_model.embeddings.patch_embedding.weight",
             {clip.width, 3, clip.patch, clip.patch});
  result.add("vision_model.embeddings.position_embedding.weight",
             {clip.grid * clip.grid + 1, clip.width});
  result.add("vision_model.pre_layrnorm.weight", {clip.width});
  blocks("vision_model", clip.layers, clip.width, clip.mlp);
  result.add("visual_projection.weight", {clip.joint, clip.width});
  result.add("text_projection.weight", {clip.joint, clip.text_width});
  return result;
}

}  // namespace whyclip::testing
