#include "cli/regions_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// The best `top` targets.
std::vector<std::size_t> shown_targets(const RegionTable& table, std::size_t top) {
  return {table.order.begin(),
          table.order.begin() + std::ptrdiff_t(std::min(top, table.order.size()))};
}

/// "for it: block r1c2 +0.3102, block r0c2 +0.1020, and 4 more".
std::string side_text(const RegionTable& table, const RegionTarget& target, std::string_view title,
                      const std::vector<int>& which, const Terminal& terminal) {
  constexpr std::size_t kShown = 5;
  std::string text = fmt::format("{}:", title);
  for (std::size_t i = 0; i < std::min(kShown, which.size()); ++i) {
    const auto r = std::size_t(which[i]);
    text += fmt::format("{} {} {:+.4f}", i == 0 ? "" : ",", one_line(table.sources[r].name),
                        target.contributions[r]);
  }
  if (which.empty()) text += " no region";
  if (which.size() > kShown) text += fmt::format(", and {} more", which.size() - kShown);
  return wrap(text, terminal.width) + "\n";
}

std::string sides_text(const RegionTable& table, const RegionTarget& target,
                       const Terminal& terminal) {
  return "\n" +
         terminal.bold(wrap(fmt::format("{}: {:+.4f}", one_line(target.name), target.value),
                            terminal.width)) +
         "\n" + side_text(table, target, "for it", target.positive, terminal) +
         side_text(table, target, "against it", target.negative, terminal);
}

}  // namespace

std::string regions_text(const RegionTable& table, std::size_t top) {
  const Terminal terminal = Terminal::standard_output();
  const std::vector<std::size_t> shown = shown_targets(table, top);
  const std::size_t sources = table.sources.size();
  Table drawn{.rows = {}, .columns = {}, .value = {}};
  for (const RegionSource& source : table.sources) drawn.rows.push_back(source.name);
  drawn.rows.insert(drawn.rows.end(), {"sum", table.unit});
  for (const std::size_t t : shown) drawn.columns.push_back(table.targets[t].name);
  drawn.value = [&](std::size_t row, std::size_t i) {
    const RegionTarget& target = table.targets[shown[i]];
    if (row < sources) return target.contributions[row];
    return row > sources
               ? target.value
               : std::accumulate(target.contributions.begin(), target.contributions.end(), 0.0);
  };
  std::string text = draw_table(drawn, terminal);
  if (table.unit == "feature") {
    for (const std::size_t t : shown) text += sides_text(table, table.targets[t], terminal);
  }
  if (shown.size() < table.order.size()) {
    text += "\n" +
            wrap(fmt::format("({} of {} shown; --top N shows more, --json has all)", shown.size(),
                             table.order.size()),
                 terminal.width) +
            "\n";
  }
  return text;
}

std::vector<FileToWrite> region_files(const RegionTable& table, const Image& image, std::size_t top,
                                      const std::filesystem::path& base) {
  RegionTable without_vectors = table;
  const RegionVectors vectors = *std::exchange(without_vectors.vectors, {});
  const std::string json = to_json(without_vectors) + "\n";
  const std::string page = page_of(without_vectors, image);
  const auto path = [&](const std::string& ending) { return base.string() + ending; };
  std::vector<FileToWrite> files{
      {path(".regions.json"), [=](const auto& to) { write_file(to, json); }},
      {path(".regions.html"), [=](const auto& to) { write_file(to, page); }},
      {path(".regions.npz"), [=](const auto& to) {
         const auto width = std::int64_t(vectors.width);
         const auto sources = std::int64_t(vectors.vectors.size()) / width;
         write_npz(to, std::vector<NpzArray>{{"vectors", {sources, width}, vectors.vectors},
                                             {"embedding", {width}, vectors.embedding}});
       }}};
  if (table.unit != "feature") return files;
  for (const std::size_t t : shown_targets(table, top)) {
    const auto png = encode_png(region_overlay(table, t, image));
    files.push_back({path("." + slug(table.targets[t].name) + ".regions.png"),
                     [=](const auto& to) { write_file(to, png); }});
  }
  return files;
}

}  // namespace whyclip::cli
