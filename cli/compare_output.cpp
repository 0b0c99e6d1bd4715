#include "cli/compare_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr std::size_t kMostMethods = 12, kMostWords = 16;  // the page and the JSON have all

std::string methods_text(const Comparison& c) {
  int width = 6;
  for (const ComparedMethod& method : c.methods) {
    width = std::max(width, columns_of(method.attribution.label()));
  }
  std::string text =
      fmt::format("\n{} {:>8} {:>10} {:>8}\n", pad("method", width), "time", "residual", "removal");
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    text += fmt::format("{} {:>8} {:>10} {:>8}\n", pad(map.label(), width),
                        seconds_text(map.seconds.value_or(0)), residual_text(map.residual()),
                        removal_text(c, method));
  }
  return text;
}

std::string agreement_text(const Comparison& c, const Terminal& terminal) {
  Table table{.rows = {}, .columns = {}, .value = {}};
  for (const ComparedMethod& method : c.methods) table.rows.push_back(method.attribution.method);
  table.columns = table.rows;
  table.cell = [&](std::size_t row, std::size_t column) {
    return correlation_text(c.agreement[row][column]);
  };
  return "\nRank correlation of the maps\n" + draw_table(table, terminal);
}

std::string regions_text(const Comparison& c, const Terminal& terminal) {
  Table table{.rows = {}, .columns = {}, .value = {}};
  for (const ComparedMethod& method : c.methods) table.rows.push_back(method.attribution.method);
  for (const ComparedRegion& region : *c.regions) table.columns.push_back(one_line(region.name));
  table.value = [&](std::size_t row, std::size_t column) { return c.methods[row].regions[column]; };
  return "\n" + wrap("By region: sums, or means of maps without a unit", terminal.width) + "\n" +
         draw_table(table, terminal);
}

std::string words_table(const ComparedWords& words, const Terminal& terminal) {
  const std::vector<std::size_t> order = words.by_size();
  const std::size_t shown = std::min(order.size(), kMostWords);
  Table table{.rows = {}, .columns = {}, .value = {}};
  for (const WordsOfMethod& method : words.methods) table.rows.push_back(method.method);
  for (std::size_t i = 0; i < shown; ++i) table.columns.push_back(words.words[order[i]]);
  table.value = [&](std::size_t row, std::size_t column) {
    return words.methods[row].values[order[column]];
  };
  std::string text = "\n" + wrap("Which words counted: " + prompts_text(words), terminal.width) +
                     "\n" + draw_table(table, terminal);
  if (shown < order.size()) {
    text += fmt::format("and {} more: see the page or --json\n", order.size() - shown);
  }
  return text;
}

std::string pairs_table(const ComparedWords& words, const Terminal& terminal) {
  Table table{.rows = {}, .columns = words.pair_rows, .value = {}};
  for (const PairsOfMethod& method : words.pairs) table.rows.push_back(method.method);
  table.value = [&](std::size_t row, std::size_t column) {
    const std::vector<float>& map = words.pairs[row].maps[column];
    return std::accumulate(map.begin(), map.end(), 0.0);
  };
  return "\n" + wrap("Words with the image: the sum over all patches", terminal.width) + "\n" +
         draw_table(table, terminal);
}

}  // namespace

std::string comparison_text(const Comparison& c) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(one_line(c.headline), terminal.width)) + "\n";
  for (const std::string& note : c.notes) text += wrap("note: " + note, terminal.width) + "\n";
  text += methods_text(c);
  for (const ComparedMethod& method : c.methods) {
    const std::string zero = method.zero_note();
    if (zero.empty()) continue;
    text += "\n" + wrap(method.attribution.label() + ": " + zero, terminal.width) + "\n";
  }
  text += wrap(
      "\nresidual: the difference between the sum of the contributions and the value that they "
      "should add up to; removal: rank correlation with what the score loses when the patch is "
      "removed\n",
      terminal.width);
  if (c.methods.size() > 1 && c.methods.size() <= kMostMethods) text += agreement_text(c, terminal);
  if (c.regions && !c.methods.empty()) text += regions_text(c, terminal);
  if (c.words && !c.words->methods.empty()) text += words_table(*c.words, terminal);
  if (c.words && !c.words->pairs.empty()) text += pairs_table(*c.words, terminal);
  return text;
}

std::vector<FileToWrite> comparison_files(const Comparison& c, const Image& image,
                                          const std::filesystem::path& folder,
                                          const std::string& stem) {
  const auto path = [&](const char* ending) { return folder / (stem + ".compared" + ending); };
  const auto file = [&](const char* ending, auto content) -> FileToWrite {
    return {path(ending), [content](const auto& to) { write_file(to, content); }};
  };
  const auto write_maps = [&c](const auto& to) {
    std::vector<NpzArray> arrays;
    for (const ComparedMethod& method : c.methods) {
      arrays.push_back({method.attribution.method,
                        {c.image.grid.rows, c.image.grid.columns},
                        method.attribution.patches});
    }
    write_npz(to, arrays);
  };
  return {file(".png", encode_png(comparison_sheet(c, image))),
          {path(".npz"), write_maps},
          file(".json", to_json(c) + "\n"),
          file(".html", page_of(c, image))};
}

}  // namespace whyclip::cli
