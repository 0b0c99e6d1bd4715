#include "cli/concepts_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "cli/images.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr const char* kAbout =
    "SpLiCE (Bhalla et al., Interpreting CLIP with Sparse Linear Concept Embeddings, 2024): the "
    "normalised image embedding, less the mean of many images and normalised again, as a sum of "
    "few words with weights above 0. A word's direction is its text embedding less the mean of all "
    "words. The weights minimise ‖Σ w c − z‖² + 2 λ Σ w: the larger λ, the fewer words. Weights "
    "are "
    "smaller than a least-squares fit would have them, and of words that mean much the same one "
    "may "
    "stand for all.";

std::string classifier_of(const DescribedImage& d) {
  return fmt::format("Which words make up the embedding of {}?", one_line(shown_name(d.path)));
}

bool has_score(const DescribedImage& d) { return d.result.score.has_value(); }

std::string fit_text(const DescribedImage& d) {
  const Concepts& c = d.result;
  if (c.chosen.empty()) {
    return fmt::format(
        "No word is chosen: λ = {:.4g} is not below {:.4g}, the largest similarity "
        "of any word. Take a smaller one: --l1 {:.2g}.",
        c.penalty, c.max_penalty, c.max_penalty / 2);
  }
  return fmt::format(
      "{} of {} words (l0), λ = {:.4g}; from λ = {:.4g} on there would be none. Together they have "
      "a "
      "cosine of {:.4f} with the centred embedding, and with the mean added {:.4f} with the whole.",
      c.chosen.size(), d.words.size(), c.penalty, c.max_penalty, *c.cosine,
      c.restored_cosine.value_or(0));
}

std::string mean_text(const DescribedImage& d) {
  return fmt::format("Embeddings are centred by {}.", d.mean);
}

std::size_t shown_count(const DescribedImage& d) { return std::min(d.top, d.result.chosen.size()); }

/// The score's parts that are not single words, with their names.
std::vector<std::pair<std::string, double>> other_parts(const DescribedImage& d) {
  const ConceptScore& score = *d.result.score;
  double shown = 0;
  for (std::size_t i = 0; i < shown_count(d); ++i) shown += d.result.chosen[i].contribution;
  std::vector<std::pair<std::string, double>> parts;
  if (const std::size_t more = d.result.chosen.size() - shown_count(d); more > 0) {
    parts.emplace_back(fmt::format("{} more words", more), score.words - shown);
  }
  parts.emplace_back("what no word says", score.rest);
  parts.emplace_back("the mean", score.mean);
  parts.emplace_back("sum", score.mean + score.words + score.rest);
  return parts;
}

std::string score_text(const DescribedImage& d) {
  const ConceptScore& score = *d.result.score;
  return fmt::format("{} “{}”: the model computes {:+.4f}, the contributions miss {:+.1e} of it.",
                     d.target->kind, one_line(d.target->name), score.value, score.residual);
}

std::vector<std::string> column_names(const DescribedImage& d) {
  std::vector<std::string> columns{"weight", "cosine"};
  if (has_score(d)) columns.emplace_back("contribution of score");
  return columns;
}

std::vector<std::vector<std::string>> rows_of(const DescribedImage& d) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < shown_count(d); ++i) {
    const Concept& word = d.result.chosen[i];
    rows.push_back({one_line(d.words[word.word]), fmt::format("{:.4f}", word.weight),
                    fmt::format("{:+.4f}", word.similarity)});
    if (has_score(d)) rows.back().push_back(fmt::format("{:+.4f}", word.contribution));
  }
  if (!has_score(d)) return rows;
  for (const auto& [name, contribution] : other_parts(d)) {
    rows.push_back({name, "", "", fmt::format("{:+.4f}", contribution)});
  }
  return rows;
}

std::string page(const DescribedImage& d) {
  Document page(fmt::format("{} · concepts · whyclip", shown_name(d.path)), classifier_of(d));
  page.notes(d.notes);
  page.section("Words");
  page.paragraph(fit_text(d));
  page.paragraph(mean_text(d));
  page.figures(std::vector<DocumentFigure>{{.caption = "the image", .image = d.source}});
  if (!d.result.chosen.empty()) {
    constexpr int kLongestName = 18;
    std::vector<std::pair<std::string, double>> bars;
    for (std::size_t i = 0; i < shown_count(d); ++i) {
      const Concept& word = d.result.chosen[i];
      bars.emplace_back(fit(one_line(d.words[word.word]), kLongestName),
                        std::round(word.weight * 1e3) / 1e3);
    }
    page.bars("Weight of each word", bars);
  }
  std::vector<std::string> columns = column_names(d);
  columns.insert(columns.begin(), "word");
  page.table({.columns = columns,
              .rows = rows_of(d),
              .note = has_score(d) ? score_text(d)
                                   : "Cosine: of the word alone with the centred embedding."});
  page.section("Settings");
  DocumentTable settings{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : d.settings) settings.rows.push_back({name, value});
  page.table(settings);
  page.paragraph(kAbout);
  return page.html();
}

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

Json concepts_json(const DescribedImage& d) {
  Json words = Json::array(), settings = Json::object();
  for (const Concept& word : d.result.chosen) {
    words.push_back(
        {{"word", d.words[word.word]}, {"weight", word.weight}, {"similarity", word.similarity}});
    if (has_score(d)) words.back()["contribution"] = word.contribution;
  }
  for (const auto& [name, value] : d.settings) settings[name] = value;
  Json json{{"model", d.model},
            {"path", d.path},
            {"words", words},
            {"l0", d.result.chosen.size()},
            {"l1", d.result.penalty},
            {"l1_of_no_words", d.result.max_penalty},
            {"cosine", json_of(d.result.cosine)},
            {"restored_cosine", json_of(d.result.restored_cosine)},
            {"centred_norm", d.result.centred_norm},
            {"objective", d.result.objective},
            {"duality_gap", d.result.gap},
            {"mean", d.mean},
            {"vocabulary", d.words.size()}};
  if (has_score(d)) {
    const ConceptScore& score = *d.result.score;
    json["target"] = {{"kind", d.target->kind},    {"name", d.target->name}, {"value", score.value},
                      {"mean", score.mean},        {"words", score.words},   {"rest", score.rest},
                      {"residual", score.residual}};
  }
  json["settings"] = settings;
  json["notes"] = d.notes;
  return json;
}

std::string concepts_text(const DescribedImage& d) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(classifier_of(d), terminal.width)) + "\n";
  text += wrap(fit_text(d), terminal.width) + "\n" + wrap(mean_text(d), terminal.width) + "\n";
  const std::vector<std::vector<std::string>> rows = rows_of(d);
  if (rows.empty()) return text;
  Table table{.rows = {},
              .columns = column_names(d),
              .value = {},
              .cell = [&](std::size_t row, std::size_t column) { return rows[row][column + 1]; }};
  for (const std::vector<std::string>& row : rows) table.rows.push_back(row[0]);
  text += "\n" + draw_table(table, terminal);
  if (!has_score(d) && shown_count(d) < d.result.chosen.size()) {
    text += fmt::format("and {} more\n", d.result.chosen.size() - shown_count(d));
  }
  if (has_score(d)) text += wrap(score_text(d), terminal.width) + "\n";
  return text;
}

std::vector<FileToWrite> concepts_files(const DescribedImage& d,
                                        const std::filesystem::path& folder) {
  const std::string stem = file_stem(d.name, d.path) + ".concepts";
  const std::string html = page(d);
  const std::string json =
      concepts_json(d).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return {{folder / (stem + ".json"), [=](const auto& path) { write_file(path, json); }},
          {folder / (stem + ".html"), [=](const auto& path) { write_file(path, html); }}};
}

}  // namespace whyclip::cli
