#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/feature_option.h"
#include "cli/images.h"
#include "cli/region_options.h"
#include "cli/regions_output.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct RegionsOptions {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  FeatureOption feature;
  RegionOption regions;
  std::string path, rules = "contributions", out, name;
  int top = 0;
  bool json = false;
};

Target target_of(const Clip& clip, const ZeroShot& zero_shot, int index) {
  return zero_shot.classes.empty() ? prompt_target(clip, zero_shot, index)
                                   : class_target(clip, zero_shot, index);
}

/// Names of the rule sets that this command can use.
std::vector<std::string> forward_sets() {
  std::vector<std::string> names;
  for (const RuleSet& set : rule_sets()) {
    if (set.propagates_forward) names.push_back(set.name);
  }
  return names;
}

std::vector<Target> classes_or_prompts(const RegionsOptions& options, const Clip& clip) {
  const ZeroShot zero_shot = options.classifier.make_classifier(clip);
  const std::size_t count =
      zero_shot.classes.empty() ? zero_shot.prompts.size() : zero_shot.classes.size();
  std::vector<Target> targets;
  for (std::size_t i = 0; i < count; ++i) targets.push_back(target_of(clip, zero_shot, int(i)));
  return targets;
}

/// What a selection by text reads: the one prompt and its embedding. Throws Error for options that
/// do not go with features.
std::pair<std::string, std::vector<float>> selecting_text(const RegionsOptions& options,
                                                          const Clip& clip) {
  const ClassifierOptions& classifier = options.classifier;
  if (!options.feature.by_text()) {
    if (classifier.classes || !classifier.prompts.empty()) {
      throw Error("--feature", "indices go without --classes and --prompt");
    }
    return {};
  }
  if (classifier.prompts.size() != 1) {
    throw Error("--feature", fmt::format("strong and detractors select by one text: say which by "
                                         "one --prompt; got {}",
                                         classifier.prompts.size()));
  }
  return {classifier.prompts[0], text_embedding_of_prompt(classifier.make_classifier(clip), 0)};
}

/// Several indices have a first target for their weighted sum, which is what explain explains.
std::vector<Target> feature_targets(const RegionsOptions& options, const Clip& clip,
                                    std::span<const float> image_embedding) {
  const auto [of, text] = selecting_text(options, clip);
  const std::vector<FeatureWeight> features = options.feature.features(text);
  std::vector<Target> targets;
  if (features.size() > 1) targets.push_back(options.feature.target(image_embedding, text, of));
  for (const FeatureWeight& feature : features) {
    targets.push_back(feature_target({&feature, 1}, image_embedding));
  }
  return targets;
}

/// The highest logits, or of a selection by text the largest of its indices, first.
void sort_columns(RegionTable& table, const RegionsOptions& options) {
  table.order.resize(table.columns.size());
  std::iota(table.order.begin(), table.order.end(), std::size_t{0});
  const auto value = [&](std::size_t i) { return table.columns[i].value; };
  if (!options.feature.given()) {
    std::stable_sort(table.order.begin(), table.order.end(),
                     [&](std::size_t a, std::size_t b) { return value(a) > value(b); });
  } else if (options.feature.by_text()) {
    std::stable_sort(table.order.begin() + 1, table.order.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(value(a)) > std::abs(value(b));
    });
  }
}

RegionTable make_table(const RegionsOptions& options, const Clip& clip, const Image& source) {
  RegionTable table;
  table.path = options.path;
  table.name = options.name;
  const RuleSet set = find_rule_set(options.rules);
  if (!set.propagates_forward) {
    throw Error("--rules", fmt::format("{} propagates no regions forward; {} and .json tables do",
                                       set.name, fmt::join(forward_sets(), ", ")));
  }
  const Preprocessed prepared = prepare(clip, source, options.path, options.image.view());
  table.grid = clip.grid_of(prepared);
  table.regions = options.regions.read(source, prepared, table.grid);
  const RecordedImage recorded(clip, prepared);
  // Before the long part, so that wrong questions are refused at once.
  const std::vector<Target> targets = options.feature.given()
                                          ? feature_targets(options, clip, recorded.embedding())
                                          : classes_or_prompts(options, clip);
  table.contributions =
      region_contributions(recorded, table.regions, *set.table, {.progress = progress_bar()});
  table.quantity = quantity_of(targets[0].kind);
  for (const Target& target : targets) {
    table.columns.push_back({target.name, target_value(target, recorded.embedding()),
                             table.contributions.contributions(target.direction)});
  }
  sort_columns(table, options);
  return table;
}

/// All indices that were named one by one; the best of what is many.
std::size_t shown_unasked(const RegionsOptions& options) {
  constexpr std::size_t kBest = 6;
  return options.feature.given() && !options.feature.by_text() ? std::size_t(-1) : kBest;
}

int regions(const RegionsOptions& options) {
  check_name(options.name, !options.out.empty());
  const DecodeOptions decode = options.image.decode();
  const Image source = load_image(options.path, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  const RegionTable table = make_table(options, clip, source);
  const std::size_t top = options.top > 0 ? std::size_t(options.top) : shown_unasked(options);
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    files = files_of(clip, table, source, top, options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(clip, table).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  for (const std::string& name : table.regions.dropped) {
    fmt::print("left out, without a patch: {}\n", one_line(name));
  }
  fmt::print("{}", to_text(table, top));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_regions(Command& program, int& status) {
  Command command = program.add_subcommand(
      "regions", "Carry regions of an image forward: their contributions of every class at once");
  auto options = std::make_shared<RegionsOptions>();
  options->regions.text = "blocks:3x3";
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->regions.add_to(*command, " [default: blocks:3x3]");
  options->classifier.add_classes_to(*command);
  options->classifier.add_prompts_to(*command,
                                     "A whole sentence instead of classes; may be repeated");
  options->feature.add_to(*command,
                          "Places of the image embedding instead of classes, each in a column of "
                          "its own");
  command
      ->add_option("--rules", options->rules,
                   fmt::format("A rule set that goes forward ({}), or a .json file",
                               fmt::join(forward_sets(), ", ")))
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command
      ->add_option(
          "--top", options->top,
          "How many classes, prompts or indices to print [default: 6, and every index that is "
          "named]")
      ->type_name("N")
      ->check(above_zero());
  command
      ->add_option(
          "-o,--out", options->out,
          "Folder for a .json with all contributions and an .npz with each region's vector in the "
          "joint space; with --feature an overlay PNG of each printed index too [default: none "
          "are written]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the table");
  add_name_option(*command, options->name);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip regions drawing.png\n"
      "  whyclip regions drawing.png --regions cat.png,dog.png --classes cat,dog,bird\n"
      "  whyclip regions -m ~/clip -c pets.txt --regions slic:30 cat.jpg --out regions\n"
      "  whyclip regions drawing.png --regions patches --feature 92,98 --out regions");
  command->callback([options, &status] { status = regions(*options); });
}

}  // namespace whyclip::cli
