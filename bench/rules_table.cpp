// What each rule set's shares are worth, in one table: whether they add up, how much cancels, and
// whether they rank patches as their true removal does.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/measure_rules.h"
#include "tests/support/data.h"
#include "tests/support/hash_checkpoint.h"

namespace whyclip::bench {
namespace {

struct Options {
  int pictures = 64;
  int threads = 0;
  bool random = false;
  bool json = false;
};

bool show_progress(std::string_view weights, std::int64_t done, std::int64_t total) {
  fmt::print(stderr, "\r{} weights: {} of {} drawings{}", weights, done, total,
             done == total ? "\n" : "");
  return true;
}

std::vector<RuleRow> all_rows(const Options& options) {
  const std::vector<Drawing> chosen = drawings(std::size_t(options.pictures));
  const ClipOptions clip_options{.threads = options.threads, .cache = {}};
  std::vector<RuleRow> rows =
      measure_rules(Clip::embedded(clip_options), "trained", chosen, rule_sets(), show_progress);
  if (options.random) {
    const testing::TemporaryFolder folder;
    testing::write_hash_toons(folder.path());
    for (RuleRow& row : measure_rules(Clip::open(folder.path(), clip_options), "random", chosen,
                                      rule_sets(), show_progress)) {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string text(const MeanInterval& interval) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", interval.mean, interval.low, interval.high);
}

void print_markdown(const std::vector<RuleRow>& rows) {
  fmt::print(
      "| weights | rules | completeness error | cancellation | rank correlation, class | "
      "rank correlation, contrast | ms a picture |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const RuleRow& row : rows) {
    fmt::print("| {} | {} | {} | {} | {} | {} | {:.1f} |\n", row.weights, row.rules,
               row.completeness_error ? fmt::format("{:.1e}", *row.completeness_error) : "–",
               row.cancellation ? fmt::format("{:.1f}", *row.cancellation) : "–",
               text(row.class_correlation), text(row.contrast_correlation), row.milliseconds);
  }
}

void print_json(const std::vector<RuleRow>& rows, const Options& options) {
  using Json = nlohmann::ordered_json;
  const auto interval = [](const MeanInterval& i) {
    return Json{{"mean", i.mean}, {"low", i.low}, {"high", i.high}};
  };
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  Json list = Json::array();
  for (const RuleRow& row : rows) {
    list.push_back({{"weights", row.weights},
                    {"rules", row.rules},
                    {"completeness_error_median", number(row.completeness_error)},
                    {"cancellation_median", number(row.cancellation)},
                    {"rank_correlation_class", interval(row.class_correlation)},
                    {"rank_correlation_contrast", interval(row.contrast_correlation)},
                    {"milliseconds_median", row.milliseconds}});
  }
  fmt::print("{}\n", Json{{"pictures", options.pictures}, {"rows", list}}.dump(1));
}

int run(int argc, char** argv) {
  CLI::App program("Measures rule sets on drawings of two things with the embedded model.");
  Options options;
  program.add_option("--pictures", options.pictures, "how many drawings")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  program.add_option("--threads", options.threads, "0: all processors")->check(CLI::Range(0, 1024));
  program.add_flag("--random", options.random, "the same with random weights too");
  program.add_flag("--json", options.json, "print JSON instead of a table");
  program.footer(
      "completeness error |s - sum|/|s| and cancellation sum|shares|/|sum| are medians for the\n"
      "class of the drawing's first thing. Rank correlation: Spearman's, of the patches' shares\n"
      "with what the removal of each patch's token does to the class, or to first minus second\n"
      "thing; mean over drawings with a 95 % bootstrap interval. ms: for both targets together,\n"
      "beyond the recorded forward pass; median.");
  CLI11_PARSE(program, argc, argv);
  const std::vector<RuleRow> rows = all_rows(options);
  options.json ? print_json(rows, options) : print_markdown(rows);
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
