// Measures whether sampled and iterative methods converge at their default budget: compares the map
// with that at ten times the budget, on drawings with the embedded model. Prints the table of
// docs/methods.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>

#include "tests/support/data.h"
#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset.h"
#include "whyclip/image/decode.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"
#include "whyclip/methods/prompt_context.h"
#include "whyclip/perturbation/statistics.h"
#include "whyclip/text/templates.h"
#include "whyclip/zero_shot.h"

namespace whyclip::bench {
namespace {

using Settings = std::map<std::string, std::string>;

struct Options {
  int images = 6;
  double factor = 10;
  int threads = 1;
  std::vector<std::string> methods;
  std::vector<std::string> set;  ///< METHOD.OPTION=VALUE
};

/// The names of options that trade time for accuracy.
constexpr std::array<std::string_view, 9> kBudgets{
    "masks", "samples", "pairs", "steps", "copies", "channels", "nodes", "images", "pending"};

/// One line of the table: a method and its two budgets.
struct Row {
  const Method* method;
  Settings small, large;
  std::string change;  ///< "samples 1000 → 10000"
};

/// Pearson's correlation and the times of both maps, for each image and target.
struct Figures {
  std::vector<double> correlations, milliseconds, large_milliseconds;
};

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The option's value in these settings.
std::string value_of(const MethodOption& option, const Settings& settings) {
  const auto found = settings.find(option.name);
  return found == settings.end() ? option.default_value : found->second;
}

/// The settings of a method from --set.
Settings chosen_settings(const Options& options, const std::string& method) {
  Settings result;
  for (const std::string& text : options.set) {
    const std::size_t dot = text.find('.'), equals = text.find('=');
    if (dot == std::string::npos || equals == std::string::npos || equals < dot) {
      throw Error("--set", fmt::format("expected METHOD.OPTION=VALUE, got \"{}\"", text));
    }
    if (text.substr(0, dot) == method) {
      result[text.substr(dot + 1, equals - dot - 1)] = text.substr(equals + 1);
    }
  }
  return result;
}

/// A row for each option of the method that is a budget.
void add_rows(const Method& method, const Options& options, std::vector<Row>& rows) {
  const Settings small = chosen_settings(options, method.info.name);
  for (const MethodOption& option : method.info.options) {
    if (!option.whole || std::ranges::find(kBudgets, option.name) == kBudgets.end()) continue;
    const std::string before = value_of(option, small);
    const std::string after =
        fmt::format("{}", std::min(option.most, std::round(options.factor * number(before))));
    Row row{&method, small, small, fmt::format("{} {} → {}", option.name, before, after)};
    row.large[option.name] = after;
    rows.push_back(row);
    // Descent methods get a second row: more, smaller steps along the same path instead of a longer
    // one.
    const auto rate = std::ranges::find(method.info.options, "rate", &MethodOption::name);
    if (option.name != "steps" || rate == method.info.options.end()) continue;
    const std::string rate_before = value_of(*rate, small);
    row.large["rate"] = fmt::format("{:.3g}", number(rate_before) / options.factor);
    row.change += fmt::format(", rate {} → {}", rate_before, row.large["rate"]);
    rows.push_back(row);
  }
}

std::vector<Row> rows_of(const Options& options) {
  std::vector<Row> rows;
  for (const std::string& name : options.methods) find_method(name);
  for (const Method& method : methods()) {
    const bool wanted =
        options.methods.empty() ||
        std::ranges::find(options.methods, method.info.name) != options.methods.end();
    if (wanted) add_rows(method, options, rows);
  }
  if (rows.empty()) throw Error("--methods", "none of these methods has a budget option");
  return rows;
}

/// An image, a target, and a prompt for methods that explain pairs.
struct TestCase {
  Preprocessed image;
  Target target;
  Target prompt;
};

/// Two targets per image: the dataset's target class, and its contrast with the best other class.
std::vector<TestCase> test_cases_of(const Clip& clip, const ZeroShot& zero_shot, int images) {
  const Dataset dataset = open_dataset(testing::repository_file("datasets/toons"));
  if (images > int(dataset.images().size())) {
    throw Error("--images", fmt::format("there are only {}", dataset.images().size()));
  }
  std::vector<TestCase> result;
  // Spread over the dataset, which begins with drawings of one thing.
  for (int i = 0; i < images; ++i) {
    const DatasetImage& entry =
        dataset.images()[std::size_t(i) * dataset.images().size() / std::size_t(images)];
    const Preprocessed image = clip.prepare(read_image(entry.file));
    const int target = class_index_of(zero_shot, entry.target_class);
    const RecordedImage recorded(clip, image);
    int other = target == 0 ? 1 : 0;
    const auto value = [&](int index) {
      return target_value(class_target(clip, zero_shot, index), recorded.embedding());
    };
    for (int c = 0; c < int(dataset.classes().size()); ++c) {
      if (c != target && value(c) > value(other)) other = c;
    }
    const int each = int(zero_shot.prompts.size()) / int(dataset.classes().size());
    const Target prompt = prompt_target(clip, zero_shot, target * each);
    result.push_back({image, class_target(clip, zero_shot, target), prompt});
    result.push_back({image, contrast_target(clip, zero_shot, target, other), prompt});
  }
  return result;
}

/// The values of the patches, or of all word–patch pairs.
std::vector<double> map_of(const Clip& clip, const ZeroShot& zero_shot, const TestCase& test_case,
                           const Method& method, const Settings& settings, double& milliseconds) {
  const bool pairs = !method.run;
  ExplanationContext context(clip, test_case.image, pairs ? test_case.prompt : test_case.target,
                             &zero_shot);
  const MethodSettings chosen(method.info, settings);
  std::optional<PromptContext> prompt;
  if (pairs) prompt.emplace(clip, zero_shot, test_case.prompt, 0, context.recorded().embedding());
  const auto start = std::chrono::steady_clock::now();
  const std::vector<float> values = pairs ? method.run_pairs(context, *prompt, chosen, {}).pairs
                                          : method.run(context, chosen, {}).patches;
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  milliseconds = time.count();
  return {values.begin(), values.end()};
}

Figures measure(const Clip& clip, const ZeroShot& zero_shot, std::span<const TestCase> test_cases,
                const Row& row) {
  Figures figures;
  const TestCase* last = nullptr;
  for (const TestCase& test_case : test_cases) {
    // Methods of pairs use the same prompt for both targets of an image.
    const bool again = !row.method->run && last != nullptr &&
                       last->prompt.name == test_case.prompt.name &&
                       last->image.pixels == test_case.image.pixels;
    last = &test_case;
    if (again) continue;
    double small = 0, large = 0;
    const std::vector<double> a = map_of(clip, zero_shot, test_case, *row.method, row.small, small);
    const std::vector<double> b = map_of(clip, zero_shot, test_case, *row.method, row.large, large);
    figures.correlations.push_back(varies(a) && varies(b) ? pearson(a, b) : 0);
    figures.milliseconds.push_back(small);
    figures.large_milliseconds.push_back(large);
  }
  return figures;
}

void add_options(CLI::App& program, Options& options) {
  program.add_option("--images", options.images, "number of drawings, each with two targets")
      ->check(CLI::Range(1, 320))
      ->capture_default_str();
  program.add_option("--factor", options.factor, "factor of the larger budget")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  program.add_option("--threads", options.threads, "number of threads, 0: all processors")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  program.add_option("--methods", options.methods, "only these methods")->delimiter(',');
  program.add_option("--set", options.set, "METHOD.OPTION=VALUE for both budgets");
  program.footer(
      "Pearson's correlation over the patches (over word-patch pairs for methods without a map of\n"
      "patches): mean and minimum over drawings and targets. ms: median time of a map.");
}

int run(int argc, char** argv) {
  CLI::App program("Compares methods at their default budget with ten times the budget.");
  Options options;
  add_options(program, options);
  CLI11_PARSE(program, argc, argv);
  const std::vector<Row> rows = rows_of(options);
  const Clip clip = Clip::embedded({.threads = options.threads, .cache = {}});
  const Dataset dataset = open_dataset(testing::repository_file("datasets/toons"));
  const ZeroShot zero_shot = zero_shot_classes(clip, dataset.classes(), imagenet_templates());
  const std::vector<TestCase> test_cases = test_cases_of(clip, zero_shot, options.images);
  fmt::print(
      "| method | budget | r, mean | r, least | ms | ms, larger budget |\n"
      "|---|---|---|---|---|---|\n");
  for (const Row& row : rows) {
    const Figures figures = measure(clip, zero_shot, test_cases, row);
    double sum = 0;
    for (const double r : figures.correlations) sum += r;
    fmt::print("| `{}` | {} | {:.3f} | {:.3f} | {:.0f} | {:.0f} |\n", row.method->info.name,
               row.change, sum / double(figures.correlations.size()),
               std::ranges::min(figures.correlations), quantile(figures.milliseconds, 0.5),
               quantile(figures.large_milliseconds, 0.5));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace whyclip::bench

int main(int argc, char** argv) {
  try {
    return whyclip::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "\nwhyclip_budgets_table: {}\n", error.what());
    return 1;
  }
}
