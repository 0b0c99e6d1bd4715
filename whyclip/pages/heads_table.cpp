#include "whyclip/pages/heads_table.h"

#include <fmt/format.h>

namespace whyclip {

std::string head_words_text(const HeadDescription& head) {
  std::string text;
  for (const HeadWord& word : head.words) {
    text += fmt::format("{}{}\u00A0{:.0f}\u00A0%", text.empty() ? "" : ", ", word.word,
                        100 * word.explained);
  }
  return text;
}

DocumentTable head_table(const HeadDescription& head) {
  DocumentTable table{.columns = {"word", "explained", "together"},
                      .note = fmt::format("Of the variance {:.4g} of its vectors between the "
                                          "images, which span {} dimensions.",
                                          head.variance, head.rank)};
  double sum = 0;
  for (const HeadWord& word : head.words) {
    sum += word.explained;
    table.rows.push_back({word.word, fmt::format("{:.1f} %", 100 * word.explained),
                          fmt::format("{:.1f} %", 100 * sum)});
  }
  return table;
}

}  // namespace whyclip
