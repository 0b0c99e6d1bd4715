#include "cli/tracing_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/terminal.h"
#include "whyclip/front_end.h"

namespace whyclip::cli {
namespace {

constexpr int kName = 16, kHalf = 9;  // columns of a line's name, and of half a tracing

std::string right(std::string_view text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + std::string(text);
}

/// "0.4213", or "1.2e+05" where that many digits would not fit.
std::string short_number(double value) {
  return std::abs(value) < 1000 ? fmt::format("{:.4f}", value) : fmt::format("{:.1e}", value);
}

std::string line(const std::string& name, const std::vector<std::string>& cells, int width) {
  std::string text = "  " + pad(fit(name, kName), kName);
  for (const std::string& cell : cells) text += right(cell, width);
  return text + "\n";
}

std::string names_line(const Tracing& tracing) {
  std::vector<std::string> names;
  for (const TracingVariant& variant : tracing.variants) {
    names.emplace_back(name_of(variant.rules));
  }
  return line("", names, 2 * kHalf + 1);
}

std::string layer_table(const Tracing& tracing) {
  std::string text = names_line(tracing) + "  " + pad("after", kName);
  for (std::size_t v = 0; v < tracing.variants.size(); ++v) {
    text += right("cosine", kHalf + 1) + right("norm", kHalf);
  }
  text += "\n";
  for (const TracingLayer& layer : tracing.layers) {
    text += "  " + pad(layer.name, kName);
    for (const TracingVariant& variant : tracing.variants) {
      const std::optional<TracedCloseness>& at = closeness_at(layer, variant.rules);
      text += right(at ? short_number(at->cosine) : "–", kHalf + 1);
      text += right(at ? short_number(at->norm_ratio) : "–", kHalf);
    }
    text += "\n";
  }
  return text;
}

std::string contribution_table(const Tracing& tracing) {
  using Number = std::optional<double>;
  std::string text = names_line(tracing);
  const auto row = [&](const std::string& name, auto value) {
    std::vector<std::string> cells;
    for (const TracingVariant& variant : tracing.variants) {
      const Number number = variant.map ? value(variant, *variant.map) : Number();
      cells.push_back(number ? fmt::format("{:+.5f}", *number) : "–");
    }
    text += line(name, cells, 2 * kHalf + 1);
  };
  const PatchGrid& grid = tracing.image.grid;
  row(fmt::format("{} patches", grid.rows * grid.columns),
      [](const TracingVariant&, const TracedMap& map) -> Number {
        return map.sum - map.class_token - map.biases;
      });
  row("class token",
      [](const TracingVariant&, const TracedMap& map) -> Number { return map.class_token; });
  // Published, they are among the tokens' contributions.
  row("biases", [](const TracingVariant& variant, const TracedMap& map) {
    return variant.own_biases ? Number(map.biases) : Number();
  });
  row("sum", [](const TracingVariant&, const TracedMap& map) -> Number { return map.sum; });
  row("their logit",
      [](const TracingVariant& variant, const TracedMap&) -> Number { return variant.value; });
  return text;
}

/// "ratio, small branch", "all mended": the rules of a setting for functions.
std::string functions_text(const TracedAblation& setting) {
  if (setting.softmax == TracedGain::kRatio) {
    return setting.small_ratio ? "ratio, small branch" : "ratio";
  }
  if (setting.layer_norm == TracedGain::kRatio) return "softmax mended";
  return setting.activation == TracedGain::kRatio ? "softmax, norms mended" : "all mended";
}

std::string ablation_table(const Tracing& tracing) {
  if (tracing.ablations.empty()) return {};
  std::string text = fmt::format("\n{:<10} {:<21} {:<6} {:>7} {:>6} {:>8}  {}\n", "product",
                                 "functions", "biases", "cosine", "norm", "cancels", "departs at");
  for (const TracedAblation& setting : tracing.ablations) {
    std::string departs = setting.first_departure.empty() ? "nowhere" : setting.first_departure;
    constexpr std::string_view kScope = "vision.blocks.";
    if (departs.starts_with(kScope)) departs = departs.substr(kScope.size());
    text += fmt::format("{:<10} {:<21} {:<6} {:>7.4f} {:>6.3f} {:>8.1f}  {}\n",
                        name_of(setting.product), functions_text(setting), name_of(setting.biases),
                        setting.closeness.cosine, setting.closeness.norm_ratio,
                        setting.cancellation, departs);
  }
  return text + "cancels: Σ |c| over |Σ c|; float64; departs at: below vision.blocks\n";
}

std::vector<std::byte> map_png(const Tracing& tracing, const Image& image,
                               const TracingVariant& variant, double limit) {
  OverlayOptions options;
  options.limit = limit;
  options.title = fmt::format("{}, {}: {:.2f}", tracing.target.name,
                              variant.rules == TracingRules::kMended ? "mended" : "as published",
                              variant.map->sum);
  return encode_png(overlay(image, tracing.image.grid, variant.map->patches, options));
}

struct NamedVectors {
  std::string name;
  std::int64_t columns, width;
  std::vector<float> values;
};

std::vector<NamedVectors> take_vectors(Tracing& tracing) {
  std::vector<NamedVectors> result;
  for (TracingVariant& variant : tracing.variants) {
    if (variant.columns.empty()) continue;
    const char* name = variant.rules == TracingRules::kMended             ? "mended"
                       : variant.rules == TracingRules::kPublishedFloat64 ? "published"
                                                                          : "published_float32";
    result.push_back({name, std::int64_t(variant.columns.size()),
                      std::int64_t(variant.embedding.size()), std::move(variant.vectors)});
    variant.columns.clear();
    variant.vectors.clear();
  }
  return result;
}

}  // namespace

std::string tracing_text(const Tracing& tracing) {
  const Terminal terminal = Terminal::standard_output();
  std::string text =
      terminal.bold(
          "Sums of contributions against the true activations: cosine, and ratio of norms") +
      "\n" + layer_table(tracing) + "\n";
  for (const auto& finding : tracing.findings) {
    text += wrap(finding.second, terminal.width) + "\n\n";
  }
  text += terminal.bold(fmt::format("Contributions of “{}”, for which the model says {:.5f}",
                                    one_line(tracing.target.name), tracing.target.value)) +
          "\n" + contribution_table(tracing);
  return text + "  (their logit: that of the sum of the contributions, taken for the embedding)\n" +
         ablation_table(tracing);
}

std::vector<FileToWrite> tracing_files(Tracing& tracing, const Image& image,
                                       const std::string& stem, const std::string& folder) {
  std::vector<FileToWrite> files;
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto add = [&](const char* ending, auto content) {
    files.push_back({std::filesystem::path(folder) / (stem + ending),
                     [content = std::move(content)](const auto& to) { write_file(to, content); }});
  };
  const double limit = common_scale(tracing);
  for (const TracingVariant* variant : shown_variants(tracing)) {
    add(variant->rules == TracingRules::kMended ? ".tracing.mended.png" : ".tracing.published.png",
        map_png(tracing, image, *variant, limit));
  }
  files.push_back(
      {std::filesystem::path(folder) / (stem + ".tracing.npz"),
       [vectors = take_vectors(tracing), embedding = tracing.embedding](const auto& to) {
         std::vector<NpzArray> arrays;
         for (const NamedVectors& each : vectors) {
           arrays.push_back({each.name, {each.columns, each.width}, each.values});
         }
         arrays.push_back({"embedding", {std::int64_t(embedding.size())}, embedding});
         write_npz(to, arrays);
       }});
  add(".tracing.json", to_json(tracing) + "\n");
  add(".tracing.html", page_of(tracing, image));
  return files;
}

}  // namespace whyclip::cli
