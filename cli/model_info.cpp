#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct InfoOptions {
  ModelOptions model;
  std::string path;
  bool json = false;
};

/// A float's shortest digits: 0.1, not 0.10000000149011612.
double shortest(float value) { return std::stod(fmt::format("{}", value)); }

Json tower_json(const TowerConfig& tower) {
  return {{"width", tower.width},
          {"mlp_width", tower.mlp_width},
          {"layers", tower.layers},
          {"heads", tower.heads},
          {"head_width", tower.width / tower.heads},
          {"activation", name_of(tower.activation)},
          {"layer_norm_epsilon", shortest(tower.epsilon)}};
}

Json to_json(const Clip& clip) {
  const ClipConfig& config = clip.config();
  const PreprocessConfig& preprocess = clip.preprocess_config();
  Json vision = tower_json(config.vision.tower), text = tower_json(config.text.tower);
  vision["image_size"] = config.vision.image_size;
  vision["patch_size"] = config.vision.patch_size;
  vision["patches"] = config.vision.grid() * config.vision.grid();
  text["vocabulary"] = clip.tokenizer().vocabulary_size();
  text["context_length"] = config.text.context_length;
  text["end_of_text"] = config.text.end_id ? Json(*config.text.end_id) : Json("largest id");
  return {{"model", clip.name()},
          {"layout", clip.layout() == CheckpointLayout::kOpenClip ? "open_clip" : "hugging_face"},
          {"weight_types", clip.weight_types()},
          {"parameters", clip.parameter_count()},
          {"projection", config.projection},
          {"logit_scale", shortest(clip.logit_scale())},
          {"vision", vision},
          {"text", text},
          {"preprocess",
           {{"crop", {preprocess.crop_height, preprocess.crop_width}},
            {"mean", preprocess.mean},
            {"standard_deviation", preprocess.standard_deviation}}},
          {"text_hash", clip.text_hash()}};
}

void print(const Json& json, const std::string& indent) {
  for (const auto& [key, value] : json.items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', ' ');
    if (value.is_object()) {
      fmt::print("{}{}\n", indent, name);
      print(value, indent + "  ");
    } else {
      fmt::print("{}{}{}\n", indent, pad(name, 20),
                 value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

int info(InfoOptions options) {
  if (!options.path.empty()) options.model.model = options.path;
  options.model.no_cache = true;
  const Clip clip = options.model.open();
  const Json json = to_json(clip);
  if (options.json) {
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  print(json, "");
  if (const std::string text = caution(clip); !text.empty()) {
    fmt::print("\n{}\n", wrap(text, Terminal::standard_output().width));
  }
  return 0;
}

}  // namespace

void add_model(Command& program, int& status) {
  Command model = program.add_subcommand("model", "Look at checkpoints");
  model->require_subcommand(1);
  Command command = model->add_subcommand("info", "Check a checkpoint and print what it is");
  auto options = std::make_shared<InfoOptions>();
  command->add_option("checkpoint", options->path, "The same as --model")->type_name("PATH");
  command->add_flag("--json", options->json, "Print JSON");
  options->model.add_checkpoint_to(*command);
  command->footer(
      "Examples:\n  whyclip model info\n  whyclip model info ~/clip-vit-base-patch32 --json");
  command->callback([options, &status] { status = info(*options); });
}

}  // namespace whyclip::cli
