#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "whyclip/model/weights.h"

namespace whyclip {
namespace {

/// Symbols for the sizes in shapes.
enum Dimension { kWidth, kMlp, kJoint, kPatch, kTokens, kVocabulary, kChannels, kNone };

enum Storage { kAsIs, kTransposed, kPartQ, kPartK, kPartV };

struct TableRow {
  std::string_view name, hugging_face, open_clip;
  std::array<Dimension, 4> shape;
  Storage in_open_clip = kAsIs;
};

// {} is the number of the block.
constexpr TableRow kVision[] = {
    {"class_token",
     "vision_model.embeddings.class_embedding",
     "visual.class_embedding",
     {kWidth, kNone, kNone, kNone}},
    {"patch_projection",
     "vision_model.embeddings.patch_embedding.weight",
     "visual.conv1.weight",
     {kWidth, kChannels, kPatch, kPatch}},
    {"positions",
     "vision_model.embeddings.position_embedding.weight",
     "visual.positional_embedding",
     {kTokens, kWidth, kNone, kNone}},
    {"ln_pre.weight",
     "vision_model.pre_layrnorm.weight",
     "visual.ln_pre.weight",
     {kWidth, kNone, kNone, kNone}},
    {"ln_pre.bias",
     "vision_model.pre_layrnorm.bias",
     "visual.ln_pre.bias",
     {kWidth, kNone, kNone, kNone}},
    {"ln_post.weight",
     "vision_model.post_layernorm.weight",
     "visual.ln_post.weight",
     {kWidth, kNone, kNone, kNone}},
    {"ln_post.bias",
     "vision_model.post_layernorm.bias",
     "visual.ln_post.bias",
     {kWidth, kNone, kNone, kNone}},
    {"projection",
     "visual_projection.weight",
     "visual.proj",
     {kJoint, kWidth, kNone, kNone},
     kTransposed},
};

constexpr TableRow kText[] = {
    {"tokens",
     "text_model.embeddings.token_embedding.weight",
     "token_embedding.weight",
     {kVocabulary, kWidth, kNone, kNone}},
    {"positions",
     "text_model.embeddings.position_embedding.weight",
     "positional_embedding",
     {kTokens, kWidth, kNone, kNone}},
    {"ln_post.weight",
     "text_model.final_layer_norm.weight",
     "ln_final.weight",
     {kWidth, kNone, kNone, kNone}},
    {"ln_post.bias",
     "text_model.final_layer_norm.bias",
     "ln_final.bias",
     {kWidth, kNone, kNone, kNone}},
    {"projection",
     "text_projection.weight",
     "text_projection",
     {kJoint, kWidth, kNone, kNone},
     kTransposed},
    {"logit_scale", "logit_scale", "logit_scale", {kNone, kNone, kNone, kNone}},
};

// Names in a checkpoint begin with the tower's prefix.
constexpr TableRow kBlock[] = {
    {"ln1.weight", "layer_norm1.weight", "ln_1.weight", {kWidth, kNone, kNone, kNone}},
    {"ln1.bias", "layer_norm1.bias", "ln_1.bias", {kWidth, kNone, kNone, kNone}},
    {"q.weight",
     "self_attn.q_proj.weight",
     "attn.in_proj_weight",
     {kWidth, kWidth, kNone, kNone},
     kPartQ},
    {"q.bias", "self_attn.q_proj.bias", "attn.in_proj_bias", {kWidth, kNone, kNone, kNone}, kPartQ},
    {"k.weight",
     "self_attn.k_proj.weight",
     "attn.in_proj_weight",
     {kWidth, kWidth, kNone, kNone},
     kPartK},
    {"k.bias", "self_attn.k_proj.bias", "attn.in_proj_bias", {kWidth, kNone, kNone, kNone}, kPartK},
    {"v.weight",
     "self_attn.v_proj.weight",
     "attn.in_proj_weight",
     {kWidth, kWidth, kNone, kNone},
     kPartV},
    {"v.bias", "self_attn.v_proj.bias", "attn.in_proj_bias", {kWidth, kNone, kNone, kNone}, kPartV},
    {"out.weight",
     "self_attn.out_proj.weight",
     "attn.out_proj.weight",
     {kWidth, kWidth, kNone, kNone}},
    {"out.bias", "self_attn.out_proj.bias", "attn.out_proj.bias", {kWidth, kNone, kNone, kNone}},
    {"ln2.weight", "layer_norm2.weight", "ln_2.weight", {kWidth, kNone, kNone, kNone}},
    {"ln2.bias", "layer_norm2.bias", "ln_2.bias", {kWidth, kNone, kNone, kNone}},
    {"up.weight", "mlp.fc1.weight", "mlp.c_fc.weight", {kMlp, kWidth, kNone, kNone}},
    {"up.bias", "mlp.fc1.bias", "mlp.c_fc.bias", {kMlp, kNone, kNone, kNone}},
    {"down.weight", "mlp.fc2.weight", "mlp.c_proj.weight", {kWidth, kMlp, kNone, kNone}},
    {"down.bias", "mlp.fc2.bias", "mlp.c_proj.bias", {kWidth, kNone, kNone, kNone}},
};

/// The sizes of one tower.
struct Sizes {
  std::int64_t width, mlp, joint, patch, tokens, vocabulary;

  std::vector<std::int64_t> shape(const std::array<Dimension, 4>& symbols) const {
    std::vector<std::int64_t> result;
    for (const Dimension symbol : symbols) {
      switch (symbol) {
        case kWidth:
          result.push_back(width);
          break;
        case kMlp:
          result.push_back(mlp);
          break;
        case kJoint:
          result.push_back(joint);
          break;
        case kPatch:
          result.push_back(patch);
          break;
        case kTokens:
          result.push_back(tokens);
          break;
        case kVocabulary:
          result.push_back(vocabulary);
          break;
        case kChannels:
          result.push_back(3);
          break;
        case kNone:
          break;
      }
    }
    return result;
  }
};

WeightRow instantiate(const TableRow& row, const Sizes& sizes, const std::string& prefix,
                      const std::string& hugging_face, const std::string& open_clip) {
  WeightRow result;
  result.name = prefix + std::string(row.name);
  result.hugging_face = hugging_face + std::string(row.hugging_face);
  result.open_clip = open_clip + std::string(row.open_clip);
  result.shape = sizes.shape(row.shape);
  result.transposed = row.in_open_clip == kTransposed;
  if (row.in_open_clip >= kPartQ) {
    result.part = row.in_open_clip - kPartQ;
    result.parts = 3;
  }
  return result;
}

template <std::size_t n>
std::vector<WeightRow> tower(const TableRow (&own)[n], const Sizes& sizes, int layers,
                             std::string_view prefix, std::string_view hugging_face,
                             std::string_view open_clip, std::string_view own_open_clip = "") {
  std::vector<WeightRow> rows;
  for (const TableRow& row : own) {
    const std::string_view begin = row.name == "logit_scale" ? "" : own_open_clip;
    rows.push_back(instantiate(row, sizes, fmt::format("{}.", prefix), "", std::string(begin)));
  }
  for (int i = 0; i < layers; ++i) {
    for (const TableRow& row : kBlock) {
      rows.push_back(instantiate(row, sizes, fmt::format("{}.blocks.{}.", prefix, i),
                                 fmt::format("{}.encoder.layers.{}.", hugging_face, i),
                                 fmt::format("{}transformer.resblocks.{}.", open_clip, i)));
    }
  }
  return rows;
}

/// open_clip's text projection with a bias is a linear layer, whose matrix is (outputs, inputs).
void add_projection_bias(std::vector<WeightRow>& rows) {
  const auto projection = std::find_if(
      rows.begin(), rows.end(), [](const WeightRow& row) { return row.name == "text.projection"; });
  WeightRow bias = *projection;
  bias.name = "text.projection.bias";
  bias.open_clip += ".bias";
  bias.shape.resize(1);
  bias.transposed = false;
  projection->open_clip += ".weight";
  projection->transposed = false;
  rows.push_back(std::move(bias));
}

}  // namespace

std::vector<WeightRow> vision_weights(const ClipConfig& config) {
  const TowerConfig& t = config.vision.tower;
  const std::int64_t grid = config.vision.grid();
  return tower(
      kVision,
      {t.width, t.mlp_width, config.projection, config.vision.patch_size, grid * grid + 1, 0},
      t.layers, "vision", "vision_model", "visual.");
}

std::vector<WeightRow> text_weights(const ClipConfig& config) {
  const TowerConfig& t = config.text.tower;
  std::vector<WeightRow> rows =
      tower(kText,
            {t.width, t.mlp_width, config.projection, 0, config.text.context_length,
             config.text.vocabulary},
            t.layers, "text", "text_model", config.text.custom_names ? "text." : "",
            config.text.custom_names ? "text." : "");
  if (config.text.projection_bias) add_projection_bias(rows);
  return rows;
}

}  // namespace whyclip
