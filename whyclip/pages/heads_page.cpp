#include "whyclip/pages/heads_page.h"

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

std::string heads_page(const DescribedHeads& e) {
  Document page("heads · whyclip", e.headline);
  page.notes(e.notes);
  if (e.heads.size() == 1) {
    page.section(fmt::format("Head {}", e.heads[0].name()));
    page.table(head_table(e.heads[0]));
  } else {
    page.section("Heads");
    page.paragraph(
        "Block.head, both from 0, and how much of its variance between the images each word "
        "explains after those before it.");
    DocumentTable table{.columns = {"head", "words", "together", "variance"},
                        .text_columns = 2,
                        .note =
                            "Variance: of the head's vectors between the images; the embedding's "
                            "length is 1."};
    for (const HeadDescription& head : e.heads) {
      table.rows.push_back({head.name(), head_words_text(head),
                            fmt::format("{:.0f} %", 100 * head.explained),
                            fmt::format("{:.4f}", head.variance)});
    }
    page.table(table);
  }
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : e.settings) settings.rows.push_back({name, value});
  page.table(settings);
  page.paragraph(e.description);
  return page.html();
}

}  // namespace whyclip
