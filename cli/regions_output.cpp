#include "cli/regions_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "cli/images.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// The regions that speak for a column and those that speak against it, the strongest first.
struct BySign {
  std::vector<std::size_t> positive, negative;
};

BySign by_sign(const RegionTable& table, const RegionColumn& column) {
  BySign result;
  for (std::size_t r = 0; r < table.regions.regions.size(); ++r) {
    if (column.contributions[r] > 0) result.positive.push_back(r);
    if (column.contributions[r] < 0) result.negative.push_back(r);
  }
  for (std::vector<std::size_t>* side : {&result.positive, &result.negative}) {
    std::stable_sort(side->begin(), side->end(), [&](std::size_t a, std::size_t b) {
      return std::abs(column.contributions[a]) > std::abs(column.contributions[b]);
    });
  }
  return result;
}

std::vector<std::string> names_of(const RegionTable& table, const std::vector<std::size_t>& which) {
  std::vector<std::string> names;
  for (const std::size_t r : which) names.push_back(table.regions.regions[r].name);
  return names;
}

/// "for it: block r1c2 +0.3102, block r0c2 +0.1020, and 4 more".
std::string side_text(const RegionTable& table, const RegionColumn& column, std::string_view title,
                      const std::vector<std::size_t>& which, const Terminal& terminal) {
  constexpr std::size_t kShown = 5;
  std::string text = fmt::format("{}:", title);
  for (std::size_t i = 0; i < std::min(kShown, which.size()); ++i) {
    text +=
        fmt::format("{} {} {:+.4f}", i == 0 ? "" : ",",
                    one_line(table.regions.regions[which[i]].name), column.contributions[which[i]]);
  }
  if (which.empty()) text += " no region";
  if (which.size() > kShown) text += fmt::format(", and {} more", which.size() - kShown);
  return wrap(text, terminal.width) + "\n";
}

std::string sides_text(const RegionTable& table, const RegionColumn& column,
                       const Terminal& terminal) {
  const BySign sides = by_sign(table, column);
  return "\n" +
         terminal.bold(wrap(fmt::format("{}: {:+.4f}", one_line(column.name), column.value),
                            terminal.width)) +
         "\n" + side_text(table, column, "for it", sides.positive, terminal) +
         side_text(table, column, "against it", sides.negative, terminal);
}

Image overlay_of(const RegionTable& table, const RegionColumn& column, const Image& source) {
  const std::span<const double> contributions(column.contributions);
  const std::vector<float> values =
      spread(table.regions, contributions.first(table.regions.regions.size()), Spread::kWhole);
  return overlay(source, table.grid, values,
                 {.upsampling = Upsampling::kNearest,
                  .title = fmt::format("{}: {:+.4f}", column.name, column.value),
                  .unit = table.quantity});
}

}  // namespace

Json to_json(const Clip& clip, const RegionTable& table) {
  Json sources = Json::array(), columns = Json::array();
  for (std::size_t s = 0; s < table.contributions.names.size(); ++s) {
    Json source{{"name", table.contributions.names[s]}};
    if (s < table.regions.regions.size()) source["patches"] = table.regions.regions[s].patches;
    sources.push_back(std::move(source));
  }
  for (const RegionColumn& column : table.columns) {
    Json target{{"name", column.name},
                {table.quantity, column.value},
                {"contributions", column.contributions}};
    if (table.quantity == "feature") {
      const BySign sides = by_sign(table, column);
      target["positive"] = names_of(table, sides.positive);
      target["negative"] = names_of(table, sides.negative);
    }
    columns.push_back(std::move(target));
  }
  return {{"model", clip.name()},
          {"path", table.path},
          {"rules", table.contributions.method},
          {"quantity", table.quantity},
          {"grid", {table.regions.rows, table.regions.columns}},
          {"lost", table.regions.dropped},
          {"completeness_error", table.contributions.completeness_error()},
          {"sources", sources},
          {"targets", columns}};
}

std::string to_text(const RegionTable& table, std::size_t top) {
  const Terminal terminal = Terminal::standard_output();
  const std::size_t shown = std::min(top, table.order.size());
  const std::size_t sources = table.contributions.names.size();
  Table drawn{.rows = table.contributions.names, .columns = {}, .value = {}};
  drawn.rows.insert(drawn.rows.end(), {"sum", table.quantity});
  for (std::size_t i = 0; i < shown; ++i) {
    drawn.columns.push_back(table.columns[table.order[i]].name);
  }
  drawn.value = [&](std::size_t row, std::size_t i) {
    const RegionColumn& column = table.columns[table.order[i]];
    if (row < sources) return column.contributions[row];
    return row > sources
               ? column.value
               : std::accumulate(column.contributions.begin(), column.contributions.end(), 0.0);
  };
  std::string text = draw_table(drawn, terminal);
  for (std::size_t i = 0; table.quantity == "feature" && i < shown; ++i) {
    text += sides_text(table, table.columns[table.order[i]], terminal);
  }
  if (shown < table.order.size()) {
    text += "\n" +
            wrap(fmt::format("({} of {} shown; --top N shows more, --json has all)", shown,
                             table.order.size()),
                 terminal.width) +
            "\n";
  }
  return text;
}

std::vector<FileToWrite> files_of(const Clip& clip, const RegionTable& table, const Image& source,
                                  std::size_t top, const std::string& folder) {
  const std::filesystem::path base =
      std::filesystem::path(folder) / file_stem(table.name, table.path);
  const auto path = [&](const std::string& ending) { return base.string() + ending; };
  const std::string json =
      to_json(clip, table).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  const Tensor& vectors = table.contributions.vectors;
  const std::vector<float>& embedding = table.contributions.embedding;
  const std::vector<NpzArray> arrays{
      {"vectors", {vectors.rows(), vectors.width()}, vectors.values()},
      {"embedding", {std::int64_t(embedding.size())}, embedding}};
  std::vector<FileToWrite> files{
      {path(".regions.json"), [=](const auto& to) { write_file(to, json); }},
      {path(".regions.npz"), [=](const auto& to) { write_npz(to, arrays); }}};
  for (std::size_t i = 0; table.quantity == "feature" && i < std::min(top, table.order.size());
       ++i) {
    const RegionColumn& column = table.columns[table.order[i]];
    const auto png = encode_png(overlay_of(table, column, source));
    files.push_back({path("." + slug(column.name) + ".regions.png"),
                     [=](const auto& to) { write_file(to, png); }});
  }
  return files;
}

}  // namespace whyclip::cli
