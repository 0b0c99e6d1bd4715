#include "whyclip/pages/comparison_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/pages/comparison_page.h"
#include "whyclip/render/overlay.h"
#include "whyclip/render/shrink.h"
#include "whyclip/results/describe_result.h"

namespace whyclip {
namespace {

constexpr int kWordMapSide = 320;  // of each map: every word has one

void add_table(const ComparedWords& words, Document& page) {
  DocumentTable table{
      .columns = {"word"},
      .rows = {},
      .note =
          "The last two rows: the difference between the sum of the contributions and the value "
          "that they should add up to, and the time."};
  for (const WordsOfMethod& method : words.methods) table.columns.push_back(method.method);
  for (const std::size_t row : words.by_size()) {
    table.rows.push_back({words.words[row]});
    for (const WordsOfMethod& method : words.methods) {
      table.rows.back().push_back(fmt::format("{:+.3g}", method.values[row]));
    }
  }
  table.rows.push_back({"residual"});
  table.rows.push_back({"time"});
  for (const WordsOfMethod& method : words.methods) {
    table.rows[table.rows.size() - 2].push_back(residual_text(method.residual));
    table.rows.back().push_back(fmt::format("{:.0f} ms", 1e3 * method.seconds));
  }
  page.table(table);
}

void add_pairs(const PairsOfMethod& method, const ComparedWords& words, const Image& image,
               const PatchGrid& grid, Document& page) {
  page.part(method.method);
  page.paragraph(fmt::format("{}. Residual {}, {:.2f} s. All words on one scale.", method.summary,
                             residual_text(method.residual), method.seconds));
  for (const std::string& note : method.notes) page.paragraph(note + ".");
  OverlayOptions options{.legend = false};
  for (const std::vector<float>& map : method.maps) {
    for (const float v : map) options.limit = std::max(options.limit, std::abs(double(v)));
  }
  std::vector<DocumentFigure> figures;
  for (std::size_t w = 0; w < method.maps.size(); ++w) {
    const std::vector<float>& map = method.maps[w];
    figures.push_back({.caption = fmt::format("{}: {:+.3g}", words.pair_rows[w],
                                              std::accumulate(map.begin(), map.end(), 0.0)),
                       .image = shrink(overlay(image, grid, map, options), kWordMapSide)});
  }
  page.figures(figures);
}

}  // namespace

void add_words(const ComparedWords& words, const Image& image, const PatchGrid& grid,
               Document& page) {
  if (!words.methods.empty()) {
    page.section("Which words counted");
    page.paragraph(prompts_text(words));
    add_table(words, page);
  }
  if (words.pairs.empty()) return;
  page.section("Which word saw what");
  for (const PairsOfMethod& method : words.pairs) add_pairs(method, words, image, grid, page);
}

}  // namespace whyclip
