#include "cli/heads_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr const char* kAbout =
    "TextSpan (Gandelsman et al., Interpreting CLIP's Image Representation via Text-Based "
    "Decomposition, 2024, algorithm 1). A head writes into the class token's residual stream; read "
    "by "
    "the last norm and the projection that is a vector of the joint space, one for each image, "
    "and "
    "with those of all other heads, the MLPs and the biases it adds up to the normalised image "
    "embedding. A head's words are those along which its vectors differ most between the images, "
    "each after what those before it explain has been taken out. A word says along which direction "
    "a "
    "head's output varies, for these images and out of this list; not that the head looks for "
    "it.";

std::string name_of(HeadPosition position) {
  return fmt::format("{}.{}", position.block, position.head);
}

std::string classifier_of(const NamedHeads& named) {
  const std::string who = named.heads.size() == 1 ? "does head " + name_of(named.heads[0].position)
                                                  : fmt::format("do {} heads", named.heads.size());
  return fmt::format("What {} write into the embeddings of {} images, in words out of {}?", who,
                     named.images, named.words.size());
}

std::string percent(double contribution) { return fmt::format("{:.0f} %", 100 * contribution); }

std::string words_of(const NamedHeads& named, const HeadWords& head) {
  std::vector<std::string> parts;
  for (const SpanText& text : head.span.texts) {
    parts.push_back(fmt::format("{}\u00A0{:.0f}\u00A0%", one_line(named.words[text.text]),
                                100 * text.explained));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// A head's words, one a line.
std::vector<std::vector<std::string>> rows_of(const NamedHeads& named, const HeadWords& head) {
  std::vector<std::vector<std::string>> rows;
  double sum = 0;
  for (const SpanText& text : head.span.texts) {
    sum += text.explained;
    rows.push_back({one_line(named.words[text.text]), fmt::format("{:.1f} %", 100 * text.explained),
                    fmt::format("{:.1f} %", 100 * sum)});
  }
  return rows;
}

std::string one_head_text(const NamedHeads& named, const Terminal& terminal) {
  const std::vector<std::vector<std::string>> rows = rows_of(named, named.heads[0]);
  Table table{.rows = {},
              .columns = {"explained", "together"},
              .value = {},
              .cell = [&](std::size_t row, std::size_t column) { return rows[row][column + 1]; }};
  for (const std::vector<std::string>& row : rows) table.rows.push_back(row[0]);
  const HeadWords& head = named.heads[0];
  return fmt::format("head {}, variance {:.4g}, rank {}\n{}", name_of(head.position),
                     head.span.variance, head.span.rank, draw_table(table, terminal));
}

std::string page(const NamedHeads& named) {
  Document page("heads · whyclip", classifier_of(named));
  page.notes(named.cautions);
  page.notes(named.notes);
  if (named.heads.size() == 1) {
    const HeadWords& head = named.heads[0];
    page.section(fmt::format("Head {}", name_of(head.position)));
    page.table({.columns = {"word", "explained", "together"},
                .rows = rows_of(named, head),
                .note = fmt::format("Of the variance {:.4g} of its vectors between the images, "
                                    "which span {} dimensions.",
                                    head.span.variance, head.span.rank)});
  } else {
    page.section("Heads");
    page.paragraph(
        "Block.head, both from 0, and how much of its variance between the images each "
        "word explains after those before it.");
    DocumentTable table{.columns = {"head", "words", "together", "variance"},
                        .rows = {},
                        .text_columns = 2,
                        .note =
                            "Variance: of the head's vectors between the images; the "
                            "embedding's length is 1."};
    for (const HeadWords& head : named.heads) {
      table.rows.push_back({name_of(head.position), words_of(named, head),
                            percent(head.span.explained()),
                            fmt::format("{:.4f}", head.span.variance)});
    }
    page.table(table);
  }
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : named.settings) settings.rows.push_back({name, value});
  page.table(settings);
  page.paragraph(kAbout);
  return page.html();
}

}  // namespace

Json heads_json(const NamedHeads& named) {
  Json heads = Json::array(), settings = Json::object(), notes = named.cautions;
  for (const HeadWords& head : named.heads) {
    Json texts = Json::array();
    for (const SpanText& text : head.span.texts) {
      texts.push_back({{"word", named.words[text.text]}, {"explained", text.explained}});
    }
    heads.push_back({{"block", head.position.block},
                     {"head", head.position.head},
                     {"words", texts},
                     {"explained", head.span.explained()},
                     {"variance", head.span.variance},
                     {"rank", head.span.rank}});
  }
  for (const auto& [name, value] : named.settings) settings[name] = value;
  for (const std::string& note : named.notes) notes.push_back(note);
  return {{"model", named.model},
          {"images", named.images},
          {"heads", heads},
          {"vocabulary", named.words.size()},
          {"settings", settings},
          {"notes", notes},
          {"skipped", json_of(named.skipped)}};
}

std::string heads_text(const NamedHeads& named) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(classifier_of(named), terminal.width)) + "\n";
  for (const std::string& note : named.notes) {
    text += wrap("note: " + note, terminal.width) + "\n";
  }
  text += "\n";
  if (named.heads.size() == 1) return text + one_head_text(named, terminal);
  constexpr int kColumns = 28;
  text +=
      definition("head  variance  together", "words, and what each explains after those before it",
                 kColumns, terminal.width);
  for (const HeadWords& head : named.heads) {
    const std::string numbers = fmt::format("{:<5} {:>8.4f} {:>9}", name_of(head.position),
                                            head.span.variance, percent(head.span.explained()));
    text += definition(numbers, words_of(named, head), kColumns, terminal.width);
  }
  return text;
}

std::vector<FileToWrite> heads_files(const NamedHeads& named, const std::filesystem::path& folder) {
  const std::string html = page(named);
  const std::string json =
      heads_json(named).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return {{folder / "heads.json", [=](const auto& path) { write_file(path, json); }},
          {folder / "heads.html", [=](const auto& path) { write_file(path, html); }}};
}

}  // namespace whyclip::cli
