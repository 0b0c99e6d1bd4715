// Two tables. The first evaluates the contributions of each rule set: completeness, cancellation,
// and rank correlation with the effects of removing patches. The second evaluates each rule of the
// published forward tracing.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/measure_rules.h"
#include "bench/measure_tracing.h"
#include "tests/support/data.h"
#include "tests/support/hash_checkpoint.h"
#include "whyclip/core/error.h"

namespace whyclip::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  int images = 64;
  int slow_images = 24;
  int tracing_images = 5;
  int threads = 0;
  std::vector<std::string> rules;
  bool tracing = false;
  bool random = false;
  bool json = false;
};

bool show_progress(std::string_view weights, std::int64_t done, std::int64_t total) {
  fmt::print(stderr, "\r{} weights: {} of {}{}", weights, done, total, done == total ? "\n" : "");
  return true;
}

/// Calls f(clip, name of its weights) for the requested models.
template <class F>
void each_model(const Options& options, F f) {
  const ClipOptions clip_options{.threads = options.threads, .cache = {}};
  f(Clip::embedded(clip_options), "trained");
  if (!options.random) return;
  const testing::TemporaryFolder folder;
  testing::write_hash_toons(folder.path());
  f(Clip::open(folder.path(), clip_options), "random");
}

std::string text(const MeanInterval& interval) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", interval.mean, interval.low, interval.high);
}

/// Mean and range.
std::string text(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const auto [least, most] = std::ranges::minmax(values);
  return fmt::format("{:.2g} ({:.2g} to {:.2g})", sum / double(values.size()), least, most);
}

void print_markdown(const RuleTableFigures& figures) {
  fmt::print(
      "| weights | rules | images | completeness error | cancellation | "
      "rank correlation, class | rank correlation, contrast | ms per image |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const RuleFigures& row : figures.rows) {
    fmt::print("| {} | {} | {} | {} | {} | {} | {} | {:.1f} |\n", row.weights, row.rules,
               row.images,
               row.completeness_error ? fmt::format("{:.1e}", *row.completeness_error) : "–",
               row.cancellation ? fmt::format("{:.1f}", *row.cancellation) : "–",
               text(row.class_correlation), text(row.contrast_correlation), row.milliseconds);
  }
  for (const PairedDifference& pair : figures.differences) {
    fmt::print("\n{} minus {}, {} weights, image by image: class {}, contrast {}\n", pair.rules,
               pair.minus, pair.weights, text(pair.class_correlation),
               text(pair.contrast_correlation));
  }
}

void print_markdown(const std::vector<TracingRow>& rows) {
  fmt::print(
      "| weights | precision | rules of the tracing | cosine | norm ratio | distance | "
      "cancellation | first departure | peak MB | ms per image |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  for (const TracingRow& row : rows) {
    fmt::print("| {} | {} | {} | {} | {} | {} | {:.1f} | {} | {:.0f} | {:.0f} |\n", row.weights,
               row.precision, row.rules, text(row.cosines), text(row.norm_ratios),
               text(row.distances), quantile(row.cancellations, 0.5),
               row.first_departure.empty() ? "none" : row.first_departure, row.peak_megabytes,
               row.milliseconds);
  }
}

Json json_of(const MeanInterval& interval) {
  return {{"mean", interval.mean}, {"low", interval.low}, {"high", interval.high}};
}

Json json_of(const RuleTableFigures& figures) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  Json rows = Json::array(), differences = Json::array();
  for (const RuleFigures& row : figures.rows) {
    rows.push_back({{"weights", row.weights},
                    {"rules", row.rules},
                    {"images", row.images},
                    {"completeness_error_median", number(row.completeness_error)},
                    {"cancellation_median", number(row.cancellation)},
                    {"rank_correlation_class", json_of(row.class_correlation)},
                    {"rank_correlation_contrast", json_of(row.contrast_correlation)},
                    {"milliseconds_median", row.milliseconds}});
  }
  for (const PairedDifference& pair : figures.differences) {
    differences.push_back({{"weights", pair.weights},
                           {"rules", pair.rules},
                           {"minus", pair.minus},
                           {"rank_correlation_class", json_of(pair.class_correlation)},
                           {"rank_correlation_contrast", json_of(pair.contrast_correlation)}});
  }
  return {{"rows", rows}, {"paired_differences", differences}};
}

Json json_of(const std::vector<TracingRow>& rows) {
  Json list = Json::array();
  for (const TracingRow& row : rows) {
    list.push_back({{"weights", row.weights},
                    {"precision", row.precision},
                    {"rules", row.rules},
                    {"cosines", row.cosines},
                    {"norm_ratios", row.norm_ratios},
                    {"distances", row.distances},
                    {"cancellations", row.cancellations},
                    {"first_departure", row.first_departure},
                    {"peak_megabytes", row.peak_megabytes},
                    {"milliseconds_median", row.milliseconds}});
  }
  return {{"rows", list}};
}

RuleTableFigures rule_figures(const Options& options) {
  const std::vector<Drawing> chosen = drawings(std::size_t(options.images));
  const std::vector<TableRow> rows = table_rows(options.rules);
  RuleTableFigures all;
  each_model(options, [&](const Clip& clip, const std::string& weights) {
    const RuleTableFigures figures =
        measure_rules(clip, weights, chosen, std::size_t(options.slow_images), rows, show_progress);
    all.rows.insert(all.rows.end(), figures.rows.begin(), figures.rows.end());
    all.differences.insert(all.differences.end(), figures.differences.begin(),
                           figures.differences.end());
  });
  return all;
}

/// The settings whose names contain one of the words.
std::vector<TracingSetting> chosen_settings(const std::vector<std::string>& words) {
  std::vector<TracingSetting> settings = tracing_settings();
  const auto wanted = [&](const TracingSetting& setting) {
    return words.empty() || std::ranges::any_of(words, [&](const std::string& word) {
             return setting.ablation.name.find(word) != std::string::npos;
           });
  };
  std::erase_if(settings, [&](const TracingSetting& setting) { return !wanted(setting); });
  if (settings.empty()) throw Error("--rules", "no setting of the tracing contains such a word");
  return settings;
}

std::vector<TracingRow> tracing_figures_of(const Options& options) {
  const std::vector<Drawing> chosen =
      drawings(std::size_t(std::min(options.images, options.tracing_images)));
  const std::vector<TracingSetting> settings = chosen_settings(options.rules);
  std::vector<TracingRow> all;
  each_model(options, [&](const Clip& clip, const std::string& weights) {
    const std::vector<TracingRow> rows =
        measure_tracing(clip, weights, chosen, settings, show_progress);
    all.insert(all.end(), rows.begin(), rows.end());
  });
  return all;
}

void add_options(CLI::App& program, Options& options) {
  const auto count = CLI::Range(1, 1000);
  program.add_option("--images", options.images, "number of drawings")
      ->check(count)
      ->capture_default_str();
  program
      .add_option("--slow-images", options.slow_images,
                  "number of drawings for rules that take seconds per image (published)")
      ->check(count)
      ->capture_default_str();
  program
      .add_option("--tracing-images", options.tracing_images,
                  "number of drawings for --tracing, which takes a minute per image")
      ->check(count)
      ->capture_default_str();
  program
      .add_option("--rules", options.rules,
                  "only these rows: names of rule sets, random-ranking, middle-first, .json files "
                  "with rules; with --tracing, words in the settings' names")
      ->delimiter(',');
  program.add_flag("--tracing", options.tracing,
                   "print the table of the published forward tracing, rule by rule");
  program.add_option("--threads", options.threads, "number of threads, 0: all processors")
      ->check(CLI::Range(0, 1024));
  program.add_flag("--random", options.random, "measure random weights, too");
  program.add_flag("--json", options.json, "print JSON instead of a table");
  program.footer(
      "completeness error |s - sum|/|s| and cancellation sum|contributions|/|sum| are medians for "
      "the\n"
      "class of the drawing's first thing. Rank correlation: Spearman's, of the patches' "
      "contributions\n"
      "with the effects of removing each patch's token on the class, or on first minus second\n"
      "thing; mean over drawings with a 95 % bootstrap interval. ms: for both targets together,\n"
      "without the recorded forward pass; median.\n"
      "--tracing: cosine, ratio of the norms and relative distance of the contributions' sum and "
      "the\n"
      "embedding, mean and range over the drawings; cancellation as above, over the embedding's\n"
      "values; the first trace point whose contributions differ by a thousandth, in the first "
      "drawing.");
}

int run(int argc, char** argv) {
  CLI::App program("Measures rule sets on drawings of two things with the embedded model.");
  Options options;
  add_options(program, options);
  CLI11_PARSE(program, argc, argv);
  const auto print = [&](const auto& figures) {
    options.json ? fmt::print("{}\n", json_of(figures).dump(1)) : print_markdown(figures);
  };
  options.tracing ? print(tracing_figures_of(options)) : print(rule_figures(options));
  return 0;
}

}  // namespace
}  // namespace whyclip::bench

int main(int argc, char** argv) {
  try {
    return whyclip::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "\nwhyclip_rules_table: {}\n", error.what());
    return 1;
  }
}
