#include "cli/compare_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/images.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// Of each map: there are dozens on a page.
constexpr int kLongestSide = 320;

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string seconds_text(double seconds) {
  return seconds < 0.0995 ? fmt::format("{:.0f} ms", 1e3 * seconds)
                          : fmt::format("{:.1f} s", seconds);
}

/// The agreement with true removal, if requested.
std::string removal_text(const Comparison& comparison, const ComparedMethod& method) {
  return comparison.effects.empty() ? "–" : correlation_text(method.removal);
}

/// "integrated-gradients nodes=64".
std::string full_name(const ComparedMethod& method) {
  std::string name = method.info.name;
  for (const auto& [option, value] : method.options) name += fmt::format(" {}={}", option, value);
  return name;
}

/// Notes of a method that gives every patch zero, for the reader who would look for a map.
std::string why_zero(const ComparedMethod& method) {
  const bool zero = std::ranges::all_of(method.map.patches, [](float v) { return v == 0; });
  if (!zero || method.map.patches.empty()) return "";
  std::string text = "zero for every patch";
  for (const std::string& note : method.map.notes) text += "; " + note;
  return text;
}

double largest(std::span<const float> values) {
  double result = 0;
  for (const float value : values) result = std::max(result, std::abs(double(value)));
  return result;
}

/// The largest contribution of any method whose maps are in the target's units: their common scale.
double common_limit(const Comparison& comparison) {
  double limit = 0;
  for (const ComparedMethod& method : comparison.methods) {
    if (method.info.in_logits) limit = std::max(limit, largest(method.map.patches));
  }
  return limit;
}

Image drawn(const Comparison& comparison, std::span<const float> values,
            const OverlayOptions& options, double limit) {
  OverlayOptions own = options;
  own.limit = limit;
  return shrink(overlay(comparison.source, comparison.grid, values, own), kLongestSide);
}

/// What a method gives a region: the sum of its patches, or where it has no unit their mean.
double value_of_region(const ComparedMethod& method, const Region& region) {
  double sum = 0;
  for (const int patch : region.patches) sum += double(method.map.patches[std::size_t(patch)]);
  return method.info.in_logits ? sum : sum / double(region.patches.size());
}

std::string regions_text(const Comparison& comparison, const Terminal& terminal) {
  const std::vector<Region>& regions = comparison.regions->regions;
  Table table{.rows = {}, .columns = {}, .value = {}};
  for (const ComparedMethod& method : comparison.methods) table.rows.push_back(method.info.name);
  for (const Region& region : regions) table.columns.push_back(one_line(region.name));
  table.value = [&](std::size_t row, std::size_t column) {
    return value_of_region(comparison.methods[row], regions[column]);
  };
  return draw_table(table, terminal);
}

void add_regions(const Comparison& comparison, Document& page) {
  page.section("By region");
  DocumentTable table{.columns = {"method"},
                      .rows = {},
                      .note = "Sums over the region's patches, or means where a map has no unit."};
  for (const Region& region : comparison.regions->regions) table.columns.push_back(region.name);
  for (const ComparedMethod& method : comparison.methods) {
    table.rows.push_back({full_name(method)});
    for (const Region& region : comparison.regions->regions) {
      table.rows.back().push_back(fmt::format("{:+.4g}", value_of_region(method, region)));
    }
  }
  page.table(table);
}

std::string agreement_text(const Comparison& comparison, const Terminal& terminal) {
  Table table{.rows = {}, .columns = {}, .value = {}};
  for (const ComparedMethod& method : comparison.methods) {
    table.rows.push_back(method.info.name);
    table.columns.push_back(method.info.name);
  }
  table.value = [](std::size_t, std::size_t) { return 0.0; };
  table.cell = [&](std::size_t row, std::size_t column) {
    return correlation_text(comparison.agreement[row][column]);
  };
  return draw_table(table, terminal);
}

}  // namespace

double ComparedMethod::sum() const {
  return std::accumulate(map.patches.begin(), map.patches.end(), map.elsewhere.value_or(0));
}

std::string Comparison::headline() const {
  const std::size_t count = std::max(methods.size(), words ? words->pairs.size() : 0);
  return fmt::format("Why did CLIP score {} {:.2f} for “{}”, by {} method{}?",
                     one_line(shown_name(path)), value, one_line(target.name), count,
                     count == 1 ? "" : "s");
}

std::string compared_text(const Comparison& comparison) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(comparison.headline(), terminal.width)) + "\n";
  for (const std::string& note : comparison.notes) {
    text += wrap("note: " + note, terminal.width) + "\n";
  }
  int name = 6;
  for (const ComparedMethod& method : comparison.methods) {
    name = std::max(name, columns_of(full_name(method)));
  }
  text +=
      fmt::format("\n{} {:>8} {:>10} {:>8}\n", pad("method", name), "time", "residual", "removal");
  for (const ComparedMethod& method : comparison.methods) {
    text += fmt::format("{} {:>8} {:>10} {:>8}\n", pad(full_name(method), name),
                        seconds_text(method.seconds),
                        method.residual ? fmt::format("{:.1e}", *method.residual) : "–",
                        removal_text(comparison, method));
  }
  for (const ComparedMethod& method : comparison.methods) {
    const std::string zero = why_zero(method);
    if (!zero.empty()) {
      text += "\n" + wrap(full_name(method) + ": " + zero, terminal.width) + "\n";
    }
  }
  text += wrap(
      "\nresidual: what the contributions miss of what they should add up to; removal: rank "
      "correlation with what the score loses when the patch is removed\n",
      terminal.width);
  constexpr std::size_t kMostInText = 12;  // more are read on the page, or in the JSON
  if (comparison.methods.size() > 1 && comparison.methods.size() <= kMostInText) {
    text += "\nRank correlation of the maps\n" + agreement_text(comparison, terminal);
  }
  if (comparison.regions && !comparison.methods.empty()) {
    text += "\n" + wrap("By region: sums, or means of maps without a unit", terminal.width) + "\n" +
            regions_text(comparison, terminal);
  }
  if (comparison.words) text += words_text(*comparison.words);
  return text;
}

Json compared_json(const Comparison& comparison) {
  Json all = Json::array(), agreement = Json::array(), settings = Json::object();
  for (const ComparedMethod& method : comparison.methods) {
    Json patches = Json::array(), options = Json::object();
    for (auto begin = method.map.patches.begin(); begin != method.map.patches.end();
         begin += comparison.grid.columns) {
      patches.push_back(std::vector<float>(begin, begin + comparison.grid.columns));
    }
    for (const auto& [option, value] : method.options) options[option] = value;
    Json by_region = Json::object();
    if (comparison.regions) {
      for (const Region& region : comparison.regions->regions) {
        by_region[region.name] = value_of_region(method, region);
      }
    }
    all.push_back({{"name", method.info.name},
                   {"family", name_of(method.info.family)},
                   {"options", options},
                   {"cost", method.info.cost},
                   {"seconds", method.seconds},
                   {"patches", patches},
                   {"regions", by_region},
                   {"elsewhere", json_of(method.map.elsewhere)},
                   {"total", json_of(method.map.total)},
                   {"residual", json_of(method.residual)},
                   {"removal_correlation", json_of(method.removal)},
                   {"notes", method.map.notes}});
  }
  for (const auto& row : comparison.agreement) {
    Json values = Json::array();
    for (const std::optional<double>& value : row) values.push_back(json_of(value));
    agreement.push_back(std::move(values));
  }
  for (const auto& [name, value] : comparison.settings) settings[name] = value;
  return {{"model", comparison.model},
          {"path", comparison.path},
          {"target", {{"kind", comparison.target.kind}, {"name", comparison.target.name}}},
          {"value", comparison.value},
          {"grid", {comparison.grid.rows, comparison.grid.columns}},
          {"methods", all},
          {"agreement", agreement},
          {"removal_effects", comparison.effects},
          {"words", comparison.words ? words_json(*comparison.words, comparison.grid) : Json()},
          {"settings", settings},
          {"notes", comparison.notes}};
}

Image compared_sheet(const Comparison& comparison, const OverlayOptions& options) {
  std::vector<SheetEntry> entries{{"the image", "", comparison.source}};
  if (!comparison.effects.empty()) {
    entries.push_back({"true removal", "what the score loses without the patch",
                       drawn(comparison, comparison.effects, options, 0)});
  }
  for (const ComparedMethod& method : comparison.methods) {
    entries.push_back(
        {full_name(method),
         why_zero(method).empty()
             ? fmt::format("{} · {} · removal {}", name_of(method.info.family),
                           seconds_text(method.seconds), removal_text(comparison, method))
             : "zero for every patch: no map",
         drawn(comparison, method.map.patches, options, 0)});
  }
  constexpr int kColumns = 6;
  return contact_sheet(entries, kColumns);
}

std::string compared_page(const Comparison& comparison, const OverlayOptions& options) {
  Document page(
      fmt::format("{} · {} · whyclip", shown_name(comparison.path), comparison.target.name),
      comparison.headline());
  page.notes(comparison.notes);
  page.section("Every method on a scale of its own");
  std::vector<DocumentFigure> figures{{.caption = "the image", .image = comparison.source}};
  if (!comparison.effects.empty()) {
    figures.push_back({.caption = "true removal: what the score loses without the patch",
                       .image = drawn(comparison, comparison.effects, options, 0)});
  }
  for (const ComparedMethod& method : comparison.methods) {
    const std::string zero = why_zero(method);
    figures.push_back({.caption = fmt::format("{}: {}", full_name(method),
                                              zero.empty() ? method.info.summary : zero),
                       .image = drawn(comparison, method.map.patches, options, 0)});
  }
  page.figures(figures);
  const double limit = common_limit(comparison);
  if (limit > 0) {
    page.section("On one scale: those in units of the score");
    page.paragraph(fmt::format("Full colour is ±{:.4g}.", limit));
    figures.clear();
    for (const ComparedMethod& method : comparison.methods) {
      if (!method.info.in_logits) continue;
      figures.push_back({.caption = full_name(method),
                         .image = drawn(comparison, method.map.patches, options, limit)});
    }
    page.figures(figures);
  }
  page.section("What they cost and whether they add up");
  DocumentTable costs{.columns = {"method", "family", "source", "cost", "time", "patches",
                                  "elsewhere", "residual", "removal"},
                      .rows = {},
                      .text_columns = 4,
                      .note =
                          "Cost in forward passes F and backward passes B. Residual: what patches "
                          "and elsewhere (class token, biases, the value without patches) miss "
                          "of what they should add up to. Removal: rank correlation with what "
                          "the score loses when the patch is removed."};
  for (const ComparedMethod& method : comparison.methods) {
    const double patches =
        std::accumulate(method.map.patches.begin(), method.map.patches.end(), 0.0);
    costs.rows.push_back({full_name(method), std::string(name_of(method.info.family)),
                          method.info.reference, method.info.cost, seconds_text(method.seconds),
                          fmt::format("{:.4g}", patches),
                          method.map.elsewhere ? fmt::format("{:.4g}", *method.map.elsewhere) : "–",
                          method.residual ? fmt::format("{:.1e}", *method.residual) : "–",
                          removal_text(comparison, method)});
  }
  page.table(costs);
  if (comparison.regions) add_regions(comparison, page);
  if (comparison.words) {
    add_words(*comparison.words, comparison.source, comparison.grid, options, page);
  }
  page.section("How far they agree");
  DocumentTable agreement{.columns = {"rank correlation"}, .rows = {}};
  for (const ComparedMethod& method : comparison.methods) {
    agreement.columns.push_back(method.info.name);
  }
  for (std::size_t row = 0; row < comparison.methods.size(); ++row) {
    agreement.rows.push_back({comparison.methods[row].info.name});
    for (const std::optional<double>& value : comparison.agreement[row]) {
      agreement.rows.back().push_back(correlation_text(value));
    }
  }
  page.table(agreement);
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : comparison.settings) settings.rows.push_back({name, value});
  page.table(settings);
  return page.html();
}

std::vector<FileToWrite> compared_files(const Comparison& comparison, const OverlayOptions& options,
                                        const std::filesystem::path& folder) {
  const std::string stem =
      file_stem(comparison.name, comparison.path, comparison.target.name) + ".compared";
  const auto file = [&](const char* ending, auto content) -> FileToWrite {
    return {folder / (stem + ending), [content](const auto& to) { write_file(to, content); }};
  };
  const std::string json =
      compared_json(comparison).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return {file(".png", encode_png(compared_sheet(comparison, options))),
          {folder / (stem + ".npz"),
           [&comparison](const auto& to) {
             std::vector<NpzArray> arrays;
             for (const ComparedMethod& method : comparison.methods) {
               arrays.push_back({method.info.name,
                                 {comparison.grid.rows, comparison.grid.columns},
                                 method.map.patches});
             }
             write_npz(to, arrays);
           }},
          file(".json", json),
          file(".html", compared_page(comparison, options))};
}

}  // namespace whyclip::cli
