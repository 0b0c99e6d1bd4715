#include "whyclip/pages/concepts_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace whyclip {
namespace {

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

}  // namespace whyclip
