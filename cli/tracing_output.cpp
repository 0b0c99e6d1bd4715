#include "cli/tracing_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/explanation.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kName = 26, kHalf = 9;  // columns of a line's name, and of half a tracing

std::string right(std::string_view text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + std::string(text);
}

/// "0.4213", or "1.2e+05" where that many digits would not fit.
std::string short_number(double value) {
  return std::abs(value) < 1000 ? fmt::format("{:.4f}", value) : fmt::format("{:.1e}", value);
}

std::string line(const std::string& name, const std::vector<std::string>& cells, int width) {
  std::string text = "  " + pad(fit(name, kName - 10), kName - 10);
  for (const std::string& cell : cells) text += right(cell, width);
  return text + "\n";
}

std::vector<std::string> names(const std::vector<TracedWay>& ways) {
  std::vector<std::string> result;
  for (const TracedWay& way : ways) result.push_back(way.traced->name);
  return result;
}

std::string layer_table(const TracingStory& story, const std::vector<TracedWay>& ways) {
  std::vector<std::string> kinds;
  for (std::size_t w = 0; w < ways.size(); ++w) kinds.insert(kinds.end(), {"cosine", "norm"});
  std::string text = line("", names(ways), 2 * kHalf + 1);
  text += "  " + pad("after", kName - 10);
  for (std::size_t k = 0; k < kinds.size(); ++k) text += right(kinds[k], kHalf + int(k % 2 == 0));
  text += "\n";
  for (const TracingLayer& layer : story.comparison.layers) {
    text += "  " + pad(layer.name, kName - 10);
    for (const TracedWay& way : ways) {
      const std::optional<TracedCloseness>& at = layer.*way.at_layer;
      text += right(at ? short_number(at->cosine) : "–", kHalf + 1);
      text += right(at ? short_number(at->norm_ratio) : "–", kHalf);
    }
    text += "\n";
  }
  return text;
}

std::string contribution_table(const TracingStory& story, const std::vector<TracedWay>& ways) {
  const auto row = [&](const std::string& name, auto value) {
    std::vector<std::string> cells;
    for (const TracedWay& way : ways) {
      const std::optional<double> number = way.map ? value(way) : std::nullopt;
      cells.push_back(number ? fmt::format("{:+.5f}", *number) : "–");
    }
    return line(name, cells, 2 * kHalf + 1);
  };
  using Number = std::optional<double>;
  const auto patches = [](const TracedWay& way) -> Number {
    return way.map->sum - way.map->class_token - way.map->biases;
  };
  // Published, they are among the tokens' contributions.
  const auto biases = [](const TracedWay& way) {
    return way.traced->has_biases() ? Number(way.map->biases) : Number();
  };
  std::string text = line("", names(ways), 2 * kHalf + 1);
  text += row(fmt::format("{} patches", story.comparison.grid.rows * story.comparison.grid.columns),
              patches);
  text += row("class token", [](const TracedWay& way) -> Number { return way.map->class_token; });
  text += row("biases", biases);
  text += row("sum", [](const TracedWay& way) -> Number { return way.map->sum; });
  return text + row("their logit", [](const TracedWay& way) -> Number { return way.value; });
}

std::string failures(const std::vector<TracedWay>& ways) {
  std::string text;
  for (const TracedWay& way : ways) {
    if (way.traced->reached()) continue;
    text += fmt::format("{} came no further: {}\n", way.traced->name, way.traced->failure);
  }
  return text;
}

/// "ratio, small branch", "all mended": what the functions of a setting are.
std::string functions_text(const PublishedTracingOptions& options) {
  if (options.softmax == TracedGain::kRatio) {
    return options.small_ratio ? "ratio, small branch" : "ratio";
  }
  if (options.layer_norm == TracedGain::kRatio) return "softmax mended";
  return options.activation == TracedGain::kRatio ? "softmax, norms mended" : "all mended";
}

std::string ablation_table(const TracingStory& story) {
  if (story.ablations.empty()) return {};
  std::string text = fmt::format("\n{:<10} {:<21} {:<6} {:>7} {:>6} {:>8}  {}\n", "product",
                                 "functions", "biases", "cosine", "norm", "cancels", "departs at");
  for (const auto& [setting, figures] : story.ablations) {
    std::string departs = figures.first_departure.empty() ? "nowhere" : figures.first_departure;
    constexpr std::string_view kScope = "vision.blocks.";
    if (departs.starts_with(kScope)) departs = departs.substr(kScope.size());
    text += fmt::format("{:<10} {:<21} {:<6} {:>7.4f} {:>6.3f} {:>8.1f}  {}\n",
                        setting.options.product == TracedProduct::kFull ? "full" : "half-split",
                        functions_text(setting.options),
                        setting.options.bias == TracedBias::kEqual ? "equal" : "own",
                        figures.closeness.cosine, figures.closeness.norm_ratio,
                        figures.cancellation, departs);
  }
  return text +
         "cancels: Σ |contribution| over |Σ contribution|; float64; departs at: below "
         "vision.blocks\n";
}

}  // namespace

std::string TracingStory::stem() const { return file_stem(name, path, target.name); }

std::vector<TracedWay> ways_of(const TracingStory& story) {
  const TracingComparison& c = story.comparison;
  std::vector<TracedWay> ways;
  for (const auto& [traced, at_layer] :
       {std::pair(&c.published_float, &TracingLayer::published_float),
        std::pair(&c.published, &TracingLayer::published),
        std::pair(&c.mended, &TracingLayer::mended)}) {
    if (traced->steps.empty()) continue;  // was not asked for
    TracedWay way{.traced = traced, .at_layer = at_layer, .map = {}};
    if (traced->reached()) {
      way.map = target_map(*traced, story.target, c.embedding);
      way.value = traced_value(*traced, story.target);
    }
    ways.push_back(std::move(way));
  }
  return ways;
}

std::string departure_text(const TracingStory& story) {
  const TracingComparison& c = story.comparison;
  if (c.published.steps.empty()) return {};
  if (!c.departure) {
    return fmt::format("the published tracing departs nowhere by more than {:g}", c.tolerance);
  }
  const TracedStep& step = c.departure->step;
  return fmt::format("first departure at {} ({}), by {:.3g} % of the true value: {}",
                     step.trace_point, step.op, 100 * step.closeness.distance, c.departure->reason);
}

std::string float_text(const TracingStory& story) {
  const TracingLayer& last = story.comparison.layers.back();
  if (!last.float_difference) return {};
  constexpr double kDecides = 0.01;
  const auto [cosine, distance] = *last.float_difference;
  return fmt::format(
      "the same published rules in float32 and in float64 give two embeddings with a cosine of "
      "{:.4f}, {:.2g} % apart{}",
      cosine, 100 * distance, distance > kDecides ? ": rounding decides the outcome" : "");
}

std::string tracing_text(const TracingStory& story) {
  const Terminal terminal = Terminal::standard_output();
  const std::vector<TracedWay> ways = ways_of(story);
  std::string text =
      terminal.bold(
          "Sums of contributions against the true activations: cosine, and ratio of norms") +
      "\n" + layer_table(story, ways) + "\n";
  for (const std::string& part : {departure_text(story), float_text(story), failures(ways)}) {
    if (!part.empty()) text += wrap(part, terminal.width) + "\n\n";
  }
  text += terminal.bold(fmt::format("Contributions of “{}”, for which the model says {:.5f}",
                                    one_line(story.target.name), story.logit)) +
          "\n" + contribution_table(story, ways);
  return text + "  (their logit: that of the sum of the contributions, taken for the embedding)\n" +
         ablation_table(story);
}

}  // namespace whyclip::cli
