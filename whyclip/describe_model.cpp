#include "whyclip/describe_model.h"

#include <fmt/format.h>

#include <string>

#include "whyclip/target_choice.h"

namespace whyclip {
namespace {

/// The shortest digits of a float: 0.1, not 0.10000000149011612.
double shortest(float value) { return std::stod(fmt::format("{}", value)); }

TowerDescription tower_of(const TowerConfig& tower) {
  return {.width = tower.width,
          .mlp_width = tower.mlp_width,
          .layers = tower.layers,
          .heads = tower.heads,
          .head_width = tower.width / tower.heads,
          .activation = std::string(name_of(tower.activation)),
          .layer_norm_epsilon = shortest(tower.epsilon)};
}

}  // namespace

ModelDescription describe_model(const Clip& clip) {
  const ClipConfig& config = clip.config();
  const PreprocessConfig& preprocess = clip.preprocess_config();
  ModelDescription model{
      .name = clip.name(),
      .family = "CLIP",
      .layout = std::string(name_of(clip.layout())),
      .files = clip.files_in_words(),
      .weight_types = clip.weight_types(),
      .parameters = clip.parameter_count(),
      .projection = config.projection,
      .logit_scale = shortest(clip.logit_scale()),
      .vision = {.tower = tower_of(config.vision.tower),
                 .image_size = config.vision.image_size,
                 .patch_size = config.vision.patch_size,
                 .patches = config.vision.grid() * config.vision.grid()},
      .text = {.tower = tower_of(config.text.tower),
               .vocabulary = int(clip.tokenizer().vocabulary_size()),
               .context_length = config.text.context_length,
               .end_of_text_id = config.text.end_id},
      .preprocess = {.crop = {preprocess.crop_height, preprocess.crop_width},
                     .mean = {preprocess.mean.begin(), preprocess.mean.end()},
                     .standard_deviation = {preprocess.standard_deviation.begin(),
                                            preprocess.standard_deviation.end()},
                     .in_words = describe_preprocessing(preprocess)},
      .tokenizer = clip.tokenizer().description(),
      .filled = config.filled,
      .inferred = config.inferred,
      .text_hash = clip.text_hash()};
  model.notes = clip.notes();
  if (std::string text = caution(clip); !text.empty()) model.notes.push_back(std::move(text));
  return model;
}

}  // namespace whyclip
