#include "whyclip/pages/concepts_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

/// At most `length` characters, the last of them an ellipsis if something is missing.
std::string shortened(const std::string& text, std::size_t length) {
  std::u32string characters = code_points(text);
  if (characters.size() <= length) return text;
  characters.resize(length - 1);
  return to_utf8(characters) + "…";
}

/// The parts of the target's value that are not single words, with their names.
std::vector<std::pair<std::string, double>> other_parts(const ImageConcepts& e, std::size_t shown) {
  double sum = 0;
  for (std::size_t i = 0; i < shown; ++i) sum += e.words[i].contribution.value_or(0);
  std::vector<std::pair<std::string, double>> parts;
  if (const std::size_t more = e.words.size() - shown; more > 0) {
    parts.emplace_back(fmt::format("{} more words", more), e.score->words - sum);
  }
  parts.emplace_back("what no word says", e.score->rest);
  parts.emplace_back("the mean", e.score->mean);
  parts.emplace_back("sum", e.score->mean + e.score->words + e.score->rest);
  return parts;
}

}  // namespace

DocumentTable concepts_table(const ImageConcepts& e, std::size_t top) {
  DocumentTable table{.columns = {"word", "weight", "cosine"},
                      .note = "Cosine: of the word alone with the centred embedding."};
  const bool scored = e.target && e.score;
  if (scored) table.columns.emplace_back("contribution");
  const std::size_t shown = std::min(top, e.words.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const ConceptWord& word = e.words[i];
    table.rows.push_back(
        {word.word, fmt::format("{:.4f}", word.weight), fmt::format("{:+.4f}", word.similarity)});
    if (scored) table.rows.back().push_back(fmt::format("{:+.4f}", word.contribution.value_or(0)));
  }
  if (!scored) return table;
  for (const auto& [name, contribution] : other_parts(e, shown)) {
    table.rows.push_back({name, "", "", fmt::format("{:+.4f}", contribution)});
  }
  table.note =
      fmt::format("{} “{}”: the model computes {:+.4f}, the contributions miss {:+.1e} of it.",
                  e.target->kind, e.target->name, e.score->value, e.score->residual);
  return table;
}

std::string concepts_page(const ImageConcepts& e, const Image& image, std::size_t top) {
  Document page(fmt::format("{} · concepts · whyclip", file_name(e.image.name)), e.headline);
  page.notes(e.notes);
  page.section("Words");
  page.paragraph(e.summary);
  page.paragraph(fmt::format("Embeddings are centred by {}.", e.mean));
  page.figures(std::vector<DocumentFigure>{{.caption = "the image", .image = image}});
  if (!e.words.empty()) {
    constexpr std::size_t kLongestName = 18;
    std::vector<std::pair<std::string, double>> bars;
    for (std::size_t i = 0; i < std::min(top, e.words.size()); ++i) {
      bars.emplace_back(shortened(e.words[i].word, kLongestName),
                        std::round(e.words[i].weight * 1e3) / 1e3);
    }
    page.bars("Weight of each word", bars);
  }
  page.table(concepts_table(e, top));
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : e.settings) settings.rows.push_back({name, value});
  page.table(settings);
  page.paragraph(e.description);
  return page.html();
}

}  // namespace whyclip
