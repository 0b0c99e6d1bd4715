#include "whyclip/pages/comparison_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/pages/comparison_words.h"
#include "whyclip/render/contact_sheet.h"
#include "whyclip/render/document.h"
#include "whyclip/render/overlay.h"
#include "whyclip/render/shrink.h"
#include "whyclip/results/describe_result.h"

namespace whyclip {
namespace {

constexpr int kLongestSide = 320;  // of each map: a page has dozens

double largest(std::span<const float> values) {
  double result = 0;
  for (const float value : values) result = std::max(result, std::abs(double(value)));
  return result;
}

/// The largest contribution of any method whose maps are in the target's units: their common scale.
double common_limit(const Comparison& c) {
  double limit = 0;
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    if (map.in_logits) limit = std::max(limit, largest(map.patches));
  }
  return limit;
}

/// `limit` 0: the values' own scale.
Image drawn(const Comparison& c, const Image& image, std::span<const float> values,
            double limit = 0) {
  return shrink(overlay(image, c.image.grid, values, {.limit = limit, .legend = false}),
                kLongestSide);
}

void add_maps(const Comparison& c, const Image& image, Document& page) {
  page.section("Every method on a scale of its own");
  std::vector<DocumentFigure> figures{{.caption = "the image", .image = image}};
  if (!c.removal_effects.empty()) {
    figures.push_back({.caption = "true removal: what the score loses without the patch",
                       .image = drawn(c, image, c.removal_effects)});
  }
  for (const ComparedMethod& method : c.methods) {
    const std::string zero = method.zero_note();
    figures.push_back({.caption = fmt::format("{}: {}", method.attribution.label(),
                                              zero.empty() ? method.summary : zero),
                       .image = drawn(c, image, method.attribution.patches)});
  }
  page.figures(figures);
}

void add_maps_on_one_scale(const Comparison& c, const Image& image, Document& page) {
  const double limit = common_limit(c);
  if (limit <= 0) return;
  page.section("On one scale: those in units of the score");
  page.paragraph(fmt::format("Full colour is ±{:.4g}.", limit));
  std::vector<DocumentFigure> figures;
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    if (!map.in_logits) continue;
    figures.push_back({.caption = map.label(), .image = drawn(c, image, map.patches, limit)});
  }
  page.figures(figures);
}

void add_costs(const Comparison& c, Document& page) {
  page.section("What they cost and whether they add up");
  DocumentTable table{
      .columns = {"method", "family", "source", "cost", "time", "patches", "elsewhere", "residual",
                  "removal"},
      .rows = {},
      .text_columns = 4,
      .note =
          "Cost in forward passes F and backward passes B. Residual: the difference between "
          "patches "
          "and elsewhere (class token, biases, the value without patches) and the value that they "
          "should add up to. Removal: rank correlation with what the score loses when the patch is "
          "removed."};
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    table.rows.push_back({map.label(), map.family, method.reference, method.cost,
                          seconds_text(map.seconds.value_or(0)),
                          fmt::format("{:.4g}", map.patch_sum()),
                          map.elsewhere ? fmt::format("{:.4g}", *map.elsewhere) : "–",
                          residual_text(map.residual()), removal_text(c, method)});
  }
  page.table(table);
}

void add_regions(const Comparison& c, Document& page) {
  page.section("By region");
  DocumentTable table{.columns = {"method"},
                      .rows = {},
                      .note = "Sums over the region's patches, or means if a map has no unit."};
  for (const ComparedRegion& region : *c.regions) table.columns.push_back(region.name);
  for (const ComparedMethod& method : c.methods) {
    table.rows.push_back({method.attribution.label()});
    for (const double value : method.regions) {
      table.rows.back().push_back(fmt::format("{:+.4g}", value));
    }
  }
  page.table(table);
}

void add_agreement(const Comparison& c, Document& page) {
  page.section("How far they agree");
  DocumentTable table{.columns = {"rank correlation"}, .rows = {}};
  for (std::size_t row = 0; row < c.methods.size(); ++row) {
    const std::string& name = c.methods[row].attribution.method;
    table.columns.push_back(name);
    table.rows.push_back({name});
    for (const std::optional<double>& value : c.agreement[row]) {
      table.rows.back().push_back(correlation_text(value));
    }
  }
  page.table(table);
}

}  // namespace

std::string removal_text(const Comparison& comparison, const ComparedMethod& method) {
  return comparison.removal_effects.empty() ? "–" : correlation_text(method.removal_correlation);
}

std::string prompts_text(const ComparedWords& words) {
  return words.prompts.size() == 1
             ? fmt::format("“{}”", words.prompts[0])
             : fmt::format("{} prompts, words that are the same together", words.prompts.size());
}

Image comparison_sheet(const Comparison& c, const Image& image) {
  std::vector<SheetEntry> entries{{"the image", "", image}};
  if (!c.removal_effects.empty()) {
    entries.push_back({"true removal", "what the score loses without the patch",
                       drawn(c, image, c.removal_effects)});
  }
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    entries.push_back(
        {map.label(),
         method.zero_note().empty()
             ? fmt::format("{} · {} · removal {}", map.family,
                           seconds_text(map.seconds.value_or(0)), removal_text(c, method))
             : "zero for every patch: no map",
         drawn(c, image, map.patches)});
  }
  constexpr int kColumns = 6;
  return contact_sheet(entries, kColumns);
}

std::string comparison_page(const Comparison& c, const Image& image) {
  Document page(fmt::format("{} · {} · whyclip", file_name(c.image.name), c.target.name),
                c.headline);
  page.notes(c.notes);
  add_maps(c, image, page);
  add_maps_on_one_scale(c, image, page);
  add_costs(c, page);
  if (c.regions) add_regions(c, page);
  if (c.words) add_words(*c.words, image, c.image.grid, page);
  add_agreement(c, page);
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : c.settings) settings.rows.push_back({name, value});
  page.table(settings);
  return page.html();
}

}  // namespace whyclip
