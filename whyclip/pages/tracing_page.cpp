#include "whyclip/pages/tracing_page.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>

namespace whyclip {
namespace {

std::string number(double value) {
  return fmt::format("{}{:.4f}", value < 0 ? "−" : "", std::abs(value));
}

TracingPageVariant page_variant(const Tracing& tracing, const TracingVariant& variant) {
  TracingPageVariant result{.name = std::string(name_of(variant.rules))};
  for (const TracingLayer& layer : tracing.layers) {
    const std::optional<TracedCloseness>& at = closeness_at(layer, variant.rules);
    result.layers.push_back(at ? std::optional(TracingPageCloseness{at->cosine, at->norm_ratio})
                               : std::nullopt);
  }
  if (variant.map) {
    const TracedMap& map = *variant.map;
    result.contributions = {map.sum - map.class_token - map.biases, map.class_token, map.biases,
                            map.sum, variant.value};
  }
  return result;
}

std::vector<TracingPageMap> page_maps(const Tracing& tracing) {
  std::vector<TracingPageMap> maps;
  for (const TracingVariant* variant : shown_variants(tracing)) {
    const bool mended = variant->rules == TracingRules::kMended;
    maps.push_back({.heading = mended ? "Mended" : "As published (float64)",
                    .caption = fmt::format("All contributions add up to {}; the model says {}.",
                                           number(variant->map->sum), number(tracing.target.value)),
                    .values = variant->map->patches});
  }
  return maps;
}

/// A sentence with a capital and a full stop.
std::string sentence(std::string text) {
  if (!text.empty()) text[0] = char(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

}  // namespace

std::vector<const TracingVariant*> shown_variants(const Tracing& tracing) {
  std::vector<const TracingVariant*> shown;
  for (const TracingVariant& variant : tracing.variants) {
    if (variant.map && variant.rules != TracingRules::kPublishedFloat32) shown.push_back(&variant);
  }
  return shown;
}

double common_scale(const Tracing& tracing) { return common_scale(page_maps(tracing)); }

std::string tracing_page(const Tracing& tracing, const Image& image) {
  TracingPage page;
  page.title = fmt::format("{} · {} · tracing · whyclip", file_name(tracing.image.name),
                           tracing.target.name);
  page.headline = tracing.headline;
  page.target = tracing.target.value;
  page.source = image;
  page.grid = tracing.image.grid;
  page.maps = page_maps(tracing);
  for (const TracingLayer& layer : tracing.layers) page.layers.push_back(layer.name);
  for (const TracingVariant& variant : tracing.variants) {
    page.variants.push_back(page_variant(tracing, variant));
  }
  page.rows = {"patches", "class token", "biases", "sum", "their logit"};
  for (const auto& [heading, text] : tracing.findings) {
    page.findings.emplace_back(heading, sentence(text));
  }
  page.settings = tracing.settings;
  page.notes = tracing.notes;
  page.description = tracing.description;
  return render_tracing_page(page);
}

}  // namespace whyclip
