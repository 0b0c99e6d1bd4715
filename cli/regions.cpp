#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "cli/commands.h"
#include "cli/explanation.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/pictures.h"
#include "cli/region_options.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct RegionsOptions {
  ModelOptions model;
  PictureOptions picture;
  QuestionOptions question;
  RegionOption regions;
  std::string image, rules = "contributions", out;
  int top = 0;
  bool json = false;
};

/// Every region against every class or prompt.
struct RegionTable {
  std::string path;
  Regions regions;
  RegionContributions contributions;
  std::vector<std::string> columns;
  std::vector<double> logits;
  std::vector<std::vector<double>> shares;  ///< for each column, by source
  std::vector<std::size_t> order;           ///< columns, the highest logit first
  double error = 0;
};

Target target_of(const Clip& clip, const ZeroShot& zero_shot, int index) {
  return zero_shot.classes.empty() ? prompt_target(clip, zero_shot, index)
                                   : class_target(clip, zero_shot, index);
}

/// Names of the rule sets that this command can use.
std::vector<std::string> forward_sets() {
  std::vector<std::string> names;
  for (const RuleSet& set : rule_sets()) {
    if (set.carries) names.push_back(set.name);
  }
  return names;
}

RegionTable make_table(const RegionsOptions& options, const Clip& clip, const Picture& source) {
  RegionTable table;
  table.path = options.image;
  const RuleSet set = find_rule_set(options.rules);
  if (!set.carries) {
    throw Error("--rules", fmt::format("{} carries no regions forward; {} and .json tables do",
                                       set.name, fmt::join(forward_sets(), ", ")));
  }
  const Preprocessed prepared = prepare(clip, source, options.image, options.picture.view());
  table.regions = options.regions.read(source, prepared, clip.grid_of(prepared));
  const ZeroShot zero_shot = options.question.ask(clip);
  const RecordedImage image(clip, prepared);
  table.contributions =
      region_contributions(image, table.regions, *set.table, {.progress = progress_bar()});
  table.error = table.contributions.completeness_error();
  const std::size_t count =
      zero_shot.classes.empty() ? zero_shot.prompts.size() : zero_shot.classes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Target target = target_of(clip, zero_shot, int(i));
    table.columns.push_back(target.name);
    table.logits.push_back(target_value(target, image.embedding()));
    table.shares.push_back(table.contributions.shares(target.direction));
  }
  table.order.resize(count);
  std::iota(table.order.begin(), table.order.end(), std::size_t{0});
  std::stable_sort(table.order.begin(), table.order.end(),
                   [&](std::size_t a, std::size_t b) { return table.logits[a] > table.logits[b]; });
  return table;
}

Json to_json(const Clip& clip, const RegionTable& table) {
  Json sources = Json::array(), columns = Json::array();
  for (std::size_t s = 0; s < table.contributions.names.size(); ++s) {
    Json source{{"name", table.contributions.names[s]}};
    if (s < table.regions.regions.size()) source["patches"] = table.regions.regions[s].patches;
    sources.push_back(std::move(source));
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    columns.push_back(
        {{"name", table.columns[c]}, {"logit", table.logits[c]}, {"shares", table.shares[c]}});
  }
  return {{"model", clip.name()},
          {"path", table.path},
          {"rules", table.contributions.method},
          {"grid", {table.regions.rows, table.regions.columns}},
          {"lost", table.regions.lost},
          {"completeness_error", table.error},
          {"sources", sources},
          {"targets", columns}};
}

std::string to_text(const RegionTable& table, std::size_t top) {
  const std::size_t shown = std::min(top, table.order.size());
  const std::size_t sources = table.contributions.names.size();
  Table drawn{.rows = table.contributions.names, .columns = {}, .value = {}};
  drawn.rows.insert(drawn.rows.end(), {"sum", "logit"});
  for (std::size_t i = 0; i < shown; ++i) drawn.columns.push_back(table.columns[table.order[i]]);
  drawn.value = [&](std::size_t row, std::size_t column) {
    const std::size_t c = table.order[column];
    if (row < sources) return table.shares[c][row];
    return row > sources ? table.logits[c]
                         : std::accumulate(table.shares[c].begin(), table.shares[c].end(), 0.0);
  };
  return draw_table(drawn, Terminal::standard_output());
}

int regions(const RegionsOptions& options) {
  const DecodeOptions decode = options.picture.decode();
  const Picture source = load_picture(options.image, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  const RegionTable table = make_table(options, clip, source);
  const std::string json =
      to_json(clip, table).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    const std::string stem = std::filesystem::path(shown_name(options.image)).stem().string();
    const std::filesystem::path folder = options.out;
    const Tensor& vectors = table.contributions.vectors;
    const std::vector<float>& embedding = table.contributions.embedding;
    const std::vector<NpzArray> arrays{
        {"vectors", {vectors.rows(), vectors.width()}, vectors.values()},
        {"embedding", {std::int64_t(embedding.size())}, embedding}};
    files = {
        {folder / (stem + ".regions.json"), [&](const auto& path) { write_file(path, json); }},
        {folder / (stem + ".regions.npz"), [=](const auto& path) { write_npz(path, arrays); }}};
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}", json);
    return 0;
  }
  for (const std::string& name : table.regions.lost) {
    fmt::print("left out, without a patch: {}\n", one_line(name));
  }
  const std::size_t top = options.top > 0 ? std::size_t(options.top) : 6;
  fmt::print("{}", to_text(table, top));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_regions(CLI::App& program, int& status) {
  CLI::App* command = program.add_subcommand(
      "regions", "Carry regions of a picture forward: their shares of every class at once");
  auto options = std::make_shared<RegionsOptions>();
  options->regions.text = "blocks:3x3";
  command->add_option("image", options->image, "Picture (JPEG, PNG, WebP), or - for standard input")
      ->type_name("PICTURE")
      ->required();
  options->regions.add_to(*command, " [default: blocks:3x3]");
  options->question.add_classes_to(*command);
  options->question.add_prompts_to(*command,
                                   "A whole sentence instead of classes; may be repeated");
  command
      ->add_option("--rules", options->rules,
                   fmt::format("A rule set that goes forward ({}), or a .json file",
                               fmt::join(forward_sets(), ", ")))
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command->add_option("--top", options->top, "How many classes or prompts to print [default: 6]")
      ->type_name("N")
      ->check(above_zero());
  command
      ->add_option(
          "-o,--out", options->out,
          "Folder for a .json with all shares and an .npz with each region's vector in the "
          "joint space [default: none are written]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the table");
  options->model.add_to(*command);
  options->picture.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip regions drawing.png\n"
      "  whyclip regions drawing.png --regions cat.png,dog.png --classes cat,dog,bird\n"
      "  whyclip regions -m ~/clip -c pets.txt --regions slic:30 cat.jpg --out regions");
  command->callback([options, &status] { status = regions(*options); });
}

}  // namespace whyclip::cli
