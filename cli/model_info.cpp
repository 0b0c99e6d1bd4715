#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/model_list.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InfoOptions {
  ModelOptions model;
  std::string path;
  bool json = false;
};

std::string text_of(const Json& value) {
  if (value.is_null()) return "largest id";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print(const Json& json, const std::string& indent) {
  for (const auto& [key, value] : json.items()) {
    if (key == "format" || key == "notes" || key == "stored_as") continue;
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', ' ');
    if (value.is_object()) {
      fmt::print("{}{}\n", indent, name);
      print(value, indent + "  ");
    } else if (value.is_array() && !value.empty() && value[0].is_string()) {
      fmt::print("{}{}\n", indent, name);
      for (const auto& text : value) fmt::print("{}  {}\n", indent, text.get<std::string>());
    } else {
      fmt::print("{}{}{}\n", indent, pad(name, 20), text_of(value));
    }
  }
}

int info(InfoOptions options) {
  if (!options.path.empty()) options.model.model = options.path;
  options.model.no_cache = true;
  const Clip clip = options.model.open();
  const ModelDescription model = describe_model(clip);
  const std::string json = to_json(model);
  if (options.json) {
    fmt::print("{}\n", json);
    return 0;
  }
  print(Json::parse(json), "");
  for (const std::string& note : model.notes) {
    fmt::print("\n{}\n", wrap(note, Terminal::standard_output().width));
  }
  return 0;
}

}  // namespace

void add_model(Command& program, int& status) {
  Command model = program.add_subcommand("model", "Look at checkpoints, list and download them");
  model->require_subcommand(1);
  Command command = model->add_subcommand(
      "info", "Describe a checkpoint and how it is read (weights are not examined)");
  auto options = std::make_shared<InfoOptions>();
  command->add_option("checkpoint", options->path, "The same as --model")->type_name("NAME");
  command->add_flag("--json", options->json, "Print JSON");
  options->model.add_checkpoint_to(*command);
  command->footer(
      "Examples:\n  whyclip model info\n  whyclip model info ~/clip-vit-base-patch32 --json\n"
      "  whyclip model info openai/clip-vit-base-patch32 --offline");
  command->callback([options, &status] { status = info(*options); });
  add_model_list(*model, status);
  add_model_fetch(*model, status);
}

}  // namespace whyclip::cli
