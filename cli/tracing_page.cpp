// What whyclip tracing writes: JSON, the page and the maps.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <cmath>
#include <filesystem>

#include "cli/images.h"
#include "cli/tracing_output.h"

namespace whyclip::cli {
namespace {

constexpr const char* kAbout =
    "Forward tracing propagates every activation as one contribution for each token of the image. "
    "As "
    "published (the blog article “What parts of an image contribute to the CLIP classification?”, "
    "19 November 2022) products of contributions are rescaled to the magnitude of the true "
    "product, "
    "functions scale contributions by output over input, and biases are divided equally. Mended, a "
    "product gives half of its credit to each factor, activations and norms have the gains that "
    "they have for this image, a softmax is integrated from the uniform pattern, and biases have "
    "an entry of their own: the contributions add up after every op. A contribution of the score "
    "is direction · "
    "contribution ÷ ‖z‖ with the model's own embedding z. \"Their logit\" is that of the sum of "
    "the "
    "contributions, taken for the embedding. A patch is traced with "
    "its position embedding.";

Json json_of(const TracedCloseness& closeness) {
  return {{"distance", closeness.distance},
          {"cosine", closeness.cosine},
          {"norm_ratio", closeness.norm_ratio}};
}

Json json_of(const SumDifference& difference) {
  return {{"cosine", difference.cosine}, {"distance", difference.distance}};
}

template <class T>
Json json_or_null(const std::optional<T>& value) {
  return value ? json_of(*value) : Json();
}

Json rows_of(const PatchGrid& grid, const std::vector<float>& patches) {
  Json rows = Json::array();
  for (int r = 0; r < grid.rows; ++r) {
    const auto begin = patches.begin() + std::ptrdiff_t{r} * grid.columns;
    rows.push_back(std::vector<float>(begin, begin + grid.columns));
  }
  return rows;
}

Json json_of(const TracedWay& way, const PatchGrid& grid) {
  Json steps = Json::array();
  for (const TracedStep& step : way.traced->steps) {
    Json entry{{"trace_point", step.trace_point}, {"op", step.op}};
    entry.update(json_of(step.closeness));
    steps.push_back(std::move(entry));
  }
  Json result{{"name", way.traced->name},
              {"failure", way.traced->failure},
              {"peak_bytes", way.traced->peak_bytes}};
  if (way.map) {
    result.update({{"patches", rows_of(grid, way.map->patches)},
                   {"class_token", way.map->class_token},
                   {"biases", way.map->biases},
                   {"sum", way.map->sum},
                   {"logit_of_sum", way.value},
                   {"embedding", way.traced->sum}});
  }
  result["ops"] = std::move(steps);
  return result;
}

std::string_view name_of(TracedGain gain) {
  return gain == TracedGain::kRatio ? "ratio" : "mended";
}

Json json_of(const TracingAblation& setting, const TracingFigures& figures) {
  const PublishedTracingOptions& options = setting.options;
  return {{"rules", setting.name},
          {"product", options.product == TracedProduct::kFull ? "full" : "half-split"},
          {"activation", name_of(options.activation)},
          {"layer_norm", name_of(options.layer_norm)},
          {"softmax", name_of(options.softmax)},
          {"small_ratio", options.small_ratio ? Json(*options.small_ratio) : Json()},
          {"biases", options.bias == TracedBias::kEqual ? "equal" : "own"},
          {"closeness", json_of(figures.closeness)},
          {"cancellation", figures.cancellation},
          {"first_departure", figures.first_departure}};
}

std::string number(double value) {
  return fmt::format("{}{:.4f}", value < 0 ? "−" : "", std::abs(value));
}

TracingPageVariant page_way(const TracingStory& story, const TracedWay& way) {
  TracingPageVariant result{.name = way.traced->name, .layers = {}, .contributions = {}};
  for (const TracingLayer& layer : story.comparison.layers) {
    const std::optional<TracedCloseness>& at = layer.*way.at_layer;
    result.layers.push_back(at ? std::optional(TracingPageCloseness{at->cosine, at->norm_ratio})
                               : std::nullopt);
  }
  if (way.map) {
    const double patches = way.map->sum - way.map->class_token - way.map->biases;
    result.contributions = {patches, way.map->class_token, way.map->biases, way.map->sum,
                            way.value};
  }
  return result;
}

/// The published map (float64) and the mended one, as far as there are.
std::vector<TracingPageMap> page_maps(const TracingStory& story) {
  std::vector<TracingPageMap> maps;
  for (const TracedWay& way : ways_of(story)) {
    if (!way.map || way.traced == &story.comparison.published_float) continue;
    const bool mended = way.traced == &story.comparison.mended;
    maps.push_back({.heading = mended ? "Mended" : "As published (float64)",
                    .caption = fmt::format("All contributions add up to {}; the model says {}.",
                                           number(way.map->sum), number(story.logit)),
                    .values = way.map->patches});
  }
  return maps;
}

std::vector<std::pair<std::string, std::string>> findings(const TracingStory& story) {
  std::vector<std::pair<std::string, std::string>> result;
  const auto add = [&](const char* heading, std::string text) {
    if (text.empty()) return;
    text[0] = char(std::toupper(static_cast<unsigned char>(text[0])));
    result.emplace_back(heading, text + ".");
  };
  add("Where the published tracing departs", departure_text(story));
  add("float32 against float64", float_text(story));
  for (const TracedWay& way : ways_of(story)) {
    if (!way.traced->reached())
      add("Came no further", way.traced->name + ": " + way.traced->failure);
  }
  return result;
}

std::vector<std::byte> map_png(const TracingStory& story, const std::string& name,
                               const TracedMap& map, double limit) {
  OverlayOptions options;
  options.limit = limit;
  options.title = fmt::format("{}, {}: {:.2f}", story.target.name, name, map.sum);
  return encode_png(overlay(story.source, story.comparison.grid, map.patches, options));
}

/// (columns, width) in float32.
NpzArray vectors_of(const std::string& name, const TracedEmbedding& traced,
                    std::vector<float>& storage) {
  storage.assign(traced.vectors.begin(), traced.vectors.end());
  return {name, {std::int64_t(traced.columns.size()), traced.width}, storage};
}

void write_vectors(const TracingStory& story, const std::filesystem::path& path) {
  const TracingComparison& c = story.comparison;
  std::vector<NpzArray> arrays;
  std::vector<float> published, published_float, mended;
  arrays.push_back(vectors_of("mended", c.mended, mended));
  if (c.published.reached()) arrays.push_back(vectors_of("published", c.published, published));
  if (c.published_float.reached()) {
    arrays.push_back(vectors_of("published_float32", c.published_float, published_float));
  }
  arrays.push_back({"embedding", {std::int64_t(c.embedding.size())}, c.embedding});
  write_npz(path, arrays);
}

}  // namespace

Json tracing_json(const TracingStory& story) {
  const TracingComparison& c = story.comparison;
  Json layers = Json::array(), ways = Json::array(), settings = Json::object(),
       ablations = Json::array();
  for (const TracingLayer& layer : c.layers) {
    layers.push_back({{"name", layer.name},
                      {"trace_point", layer.trace_point},
                      {"published_float32", json_or_null(layer.published_float)},
                      {"published_float64", json_or_null(layer.published)},
                      {"mended", json_or_null(layer.mended)},
                      {"float32_against_float64", json_or_null(layer.float_difference)}});
  }
  for (const TracedWay& way : ways_of(story)) ways.push_back(json_of(way, c.grid));
  for (const auto& [name, value] : story.settings) settings[name] = value;
  for (const auto& [setting, figures] : story.ablations) {
    ablations.push_back(json_of(setting, figures));
  }
  const Json departure = c.departure ? Json{{"trace_point", c.departure->step.trace_point},
                                            {"op", c.departure->step.op},
                                            {"closeness", json_of(c.departure->step.closeness)},
                                            {"reason", c.departure->reason}}
                                     : Json();
  return {{"model", story.model},
          {"path", story.path},
          {"target",
           {{"kind", story.target.kind}, {"name", story.target.name}, {"logit", story.logit}}},
          {"grid", {c.grid.rows, c.grid.columns}},
          {"embedding", c.embedding},
          {"layers", layers},
          {"tolerance", c.tolerance},
          {"first_departure", departure},
          {"tracings", ways},
          {"ablations", ablations},
          {"settings", settings},
          {"notes", story.notes}};
}

std::string tracing_page(const TracingStory& story) {
  TracingPage page;
  page.title =
      fmt::format("{} · {} · tracing · whyclip", shown_name(story.path), story.target.name);
  page.headline = fmt::format("What forward tracing makes of {} and “{}”, as published and mended",
                              shown_name(story.path), story.target.name);
  page.target = story.logit;
  page.source = story.source;
  page.grid = story.comparison.grid;
  page.maps = page_maps(story);
  for (const TracingLayer& layer : story.comparison.layers) page.layers.push_back(layer.name);
  for (const TracedWay& way : ways_of(story)) page.variants.push_back(page_way(story, way));
  page.rows = {"patches", "class token", "biases", "sum", "their logit"};
  page.findings = findings(story);
  page.settings = story.settings;
  page.notes = story.notes;
  page.description = kAbout;
  return render_tracing_page(page);
}

std::vector<FileToWrite> tracing_files(const TracingStory& story, const std::string& folder) {
  const auto path = [&](const char* ending) {
    return std::filesystem::path(folder) / (story.stem() + ending);
  };
  std::vector<FileToWrite> files;
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto add = [&](const char* ending, auto content) {
    files.push_back({path(ending), [=](const auto& to) { write_file(to, content); }});
  };
  const double limit = common_scale(page_maps(story));
  for (const TracedWay& way : ways_of(story)) {
    if (!way.map || way.traced == &story.comparison.published_float) continue;
    const bool mended = way.traced == &story.comparison.mended;
    add(mended ? ".tracing.mended.png" : ".tracing.published.png",
        map_png(story, mended ? "mended" : "as published", *way.map, limit));
  }
  files.push_back({path(".tracing.npz"), [&story](const auto& to) { write_vectors(story, to); }});
  add(".tracing.json",
      tracing_json(story).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  add(".tracing.html", tracing_page(story));
  return files;
}

}  // namespace whyclip::cli
