#include "cli/model_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kListColumns = 44;         // of names
constexpr std::size_t kShownDigits = 7;  // of a commit, as git shows it

std::string size_text(std::int64_t bytes) {
  constexpr double kMegabyte = 1e6, kGigabyte = 1e9;
  const auto size = static_cast<double>(bytes);
  return size < kGigabyte ? fmt::format("{:.0f} MB", size / kMegabyte)
                          : fmt::format("{:.1f} GB", size / kGigabyte);
}

std::string text_of(const CachedModel& model) {
  std::string text = size_text(model.bytes);
  if (!model.family.empty()) text += ", " + model.family;
  text += ", " + model.layout;
  if (!model.commit.empty()) {
    text += fmt::format(", commit {}", model.commit.substr(0, kShownDigits));
  }
  if (!model.revisions.empty()) text += fmt::format(" ({})", fmt::join(model.revisions, ", "));
  if (!model.complete) text += fmt::format("; incomplete: {}", fmt::join(model.missing, ", "));
  return text;
}

int list(bool json) {
  const ModelList models = list_models(hub_options_from_environment());
  if (json) {
    fmt::print("{}\n", to_json(models));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  for (const CachedModel& model : models.models) {
    fmt::print("{}",
               definition(one_line(model.name), one_line(text_of(model)), kListColumns, width));
  }
  fmt::print("{}\n",
             wrap(fmt::format("{} CLIP {} in {} and {}; other models: {}", models.models.size(),
                              models.models.size() == 1 ? "model" : "models",
                              one_line(models.cache), one_line(models.file_cache), models.others),
                  width));
  return 0;
}

int fetch(const std::string& name, bool quiet) {
  if (quiet) hide_progress();
  fmt::print("{}\n", fetch_model(name, hub_options_from_environment(), progress_bar()).string());
  return 0;
}

}  // namespace

void add_model_list(Command& model, int& status) {
  Command command =
      model.add_subcommand("list", "List the CLIP models in the cache, which need no download");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print JSON");
  command->footer(
      "Examples:\n  whyclip model list\n  HF_HOME=/data/models whyclip model list --json");
  command->callback([json, &status] { status = list(*json); });
}

void add_model_fetch(Command& model, int& status) {
  Command command = model.add_subcommand(
      "fetch", "Download a model into the cache, or update it, and print the path to open");
  auto name = std::make_shared<std::string>();
  auto quiet = std::make_shared<bool>(false);
  command
      ->add_option("name", *name,
                   "org/name of the hub, with @revision if you like; hf-hub:org/name for "
                   "open_clip's files; architecture/tag of open_clip")
      ->type_name("NAME")
      ->required();
  command->add_flag("-q,--quiet", *quiet, "Show no progress; the path is printed still");
  command->footer(
      "Examples:\n"
      "  whyclip model fetch openai/clip-vit-base-patch32\n"
      "  whyclip model fetch laion/CLIP-ViT-B-32-laion2B-s34B-b79K@main\n"
      "  whyclip model fetch ViT-B-32/laion2b_s34b_b79k\n"
      "  HF_ENDPOINT=https://mirror.example whyclip model fetch openai/clip-vit-base-patch32\n"
      "Environment: HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT, https_proxy.");
  command->callback([name, quiet, &status] { status = fetch(*name, *quiet); });
}

}  // namespace whyclip::cli
