#include "whyclip/methods/pairs.h"

namespace whyclip {

PairAttribution pairs_of_tokens(const PromptContext& prompt, int patches,
                                std::span<const double> table, double scale) {
  const std::size_t columns = std::size_t(patches) + 1;
  const auto at = [&](std::size_t token, std::size_t column) {
    return scale * table[token * columns + column];
  };
  PairAttribution result{.patches = std::vector<double>(std::size_t(patches), 0.0), .elsewhere = 0};
  for (const PromptWord& word : prompt.words()) {
    std::vector<double> row(columns, 0.0);
    for (std::size_t t = word.first_token; t < word.first_token + word.tokens; ++t) {
      for (std::size_t c = 0; c < columns; ++c) row[c] += at(t, c);
    }
    result.words.push_back(row[0]);
    result.pairs.insert(result.pairs.end(), row.begin() + 1, row.end());
  }
  for (const std::size_t t : {std::size_t{0}, std::size_t(prompt.tokens()) - 1}) {
    result.elsewhere = *result.elsewhere + at(t, 0);
    for (std::size_t p = 0; p < result.patches.size(); ++p) result.patches[p] += at(t, p + 1);
  }
  return result;
}

}  // namespace whyclip
