#include "cli/compare_words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kLongestSide = 320;             // of each map: a word has one
constexpr std::size_t kMostWordsInText = 16;  // more are read on the page, or in the JSON

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double sum_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

Json rows_of(std::span<const double> map, const PatchGrid& grid) {
  Json rows = Json::array();
  for (auto begin = map.begin(); begin != map.end(); begin += grid.columns) {
    rows.push_back(std::vector<double>(begin, begin + grid.columns));
  }
  return rows;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return text;
}

/// Gathers what prompt after prompt says.
class WordComparison {
 public:
  WordComparison(ExplanationContext& context, const std::vector<MethodWithSettings>& methods)
      : context_(context), methods_(methods), one_(context.target().prompts.size() == 1) {
    for (const MethodWithSettings& entry : methods) {
      const Method& method = *entry.method;
      if (method.run_words) result_.methods.push_back({.info = method.info, .words = {}});
      if (method.run_pairs) result_.pairs.push_back({.info = method.info, .maps = {}, .alone = {}});
    }
    if (!one_) result_.pair_rows = {"class name", "other words"};
  }

  void add(PromptContext& prompt) {
    result_.prompts.push_back(prompt.text());
    const std::vector<std::size_t> rows = rows_of(prompt), pair_rows = pair_rows_of(prompt);
    std::size_t words = 0, pairs = 0;
    for (const MethodWithSettings& entry : methods_) {
      if (entry.method->run_words) add_words(entry, prompt, rows, result_.methods[words++]);
      if (entry.method->run_pairs) add_pairs(entry, prompt, pair_rows, result_.pairs[pairs++]);
    }
  }

  ComparedWords finish() && {
    for (WordsOfMethod& method : result_.methods) {
      method.words.resize(result_.words.size(), 0.0);
      if (method.info.in_logits) continue;
      for (double& v : method.words) v /= double(result_.prompts.size());
    }
    return std::move(result_);
  }

 private:
  /// Where each word of the prompt is counted.
  std::vector<std::size_t> rows_of(const PromptContext& prompt) {
    std::vector<std::size_t> rows;
    for (const PromptWord& word : prompt.words()) {
      const std::string name = one_ ? word.text : lower(word.text);
      const auto found = one_ ? result_.words.end() : std::ranges::find(result_.words, name);
      rows.push_back(std::size_t(found - result_.words.begin()));
      if (found == result_.words.end()) result_.words.push_back(name);
    }
    return rows;
  }

  std::vector<std::size_t> pair_rows_of(const PromptContext& prompt) {
    std::vector<std::size_t> rows;
    for (const PromptWord& word : prompt.words()) {
      rows.push_back(one_ ? rows.size() : (word.class_name ? 0 : 1));
      if (one_) result_.pair_rows.push_back(word.text);
    }
    return rows;
  }

  static void add_residual(std::optional<double>& residual, const std::optional<double>& total,
                           double sum) {
    if (total) residual = residual.value_or(0) + *total - sum;
  }

  void add_words(const MethodWithSettings& entry, PromptContext& prompt,
                 const std::vector<std::size_t>& rows, WordsOfMethod& to) const {
    const Stopwatch watch;
    const WordAttribution found = entry.method->run_words(prompt, entry.settings, progress_bar());
    to.words.resize(result_.words.size(), 0.0);
    for (std::size_t w = 0; w < rows.size(); ++w) to.words[rows[w]] += found.words[w];
    add_residual(
        to.residual, found.total,
        std::accumulate(found.words.begin(), found.words.end(), found.elsewhere.value_or(0)));
    to.seconds += watch.seconds();
  }

  void add_pairs(const MethodWithSettings& entry, PromptContext& prompt,
                 const std::vector<std::size_t>& rows, PairsOfMethod& to) const {
    const Stopwatch watch;
    const PairAttribution found =
        entry.method->run_pairs(context_, prompt, entry.settings, progress_bar());
    const auto patches = std::size_t(context_.patches());
    to.maps.resize(result_.pair_rows.size(), std::vector<float>(patches, 0.0f));
    to.alone.resize(result_.pair_rows.size(), 0.0);
    for (std::size_t w = 0; w < rows.size(); ++w) {
      for (std::size_t p = 0; p < patches; ++p) to.maps[rows[w]][p] += found.pairs[w * patches + p];
      if (!found.words.empty()) to.alone[rows[w]] += found.words[w];
    }
    if (!found.patches.empty()) to.patches.resize(patches, 0.0);
    for (std::size_t p = 0; p < found.patches.size(); ++p) to.patches[p] += found.patches[p];
    to.word_pairs += sum_of(found.word_pairs) / 2;  // each pair is there twice
    to.patch_pairs += sum_of(found.patch_pairs) / 2;
    add_residual(to.residual, found.total, found.sum());
    if (one_) to.notes = found.notes;
    to.seconds += watch.seconds();
  }

  ExplanationContext& context_;
  const std::vector<MethodWithSettings>& methods_;
  bool one_;
  ComparedWords result_;
};

/// Rows in the order of their largest contribution by any method in units of the score; of one
/// prompt, as they stand.
std::vector<std::size_t> shown_order(const ComparedWords& words) {
  std::vector<std::size_t> order(words.words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (words.prompts.size() == 1) return order;
  const auto size = [&](std::size_t row) {
    double most = 0;
    for (const WordsOfMethod& method : words.methods) {
      if (method.info.in_logits) most = std::max(most, std::abs(method.words[row]));
    }
    return most;
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  return order;
}

std::string prompts_text(const ComparedWords& words) {
  return words.prompts.size() == 1
             ? fmt::format("“{}”", words.prompts[0])
             : fmt::format("{} prompts, words that are the same together", words.prompts.size());
}

std::string residual_text(const std::optional<double>& residual) {
  return residual ? fmt::format("{:.1e}", *residual) : "–";
}

}  // namespace

ComparedWords compare_words(ExplanationContext& context,
                            const std::vector<MethodWithSettings>& methods) {
  WordComparison comparison(context, methods);
  const Target& target = context.target();
  const std::size_t prompts = std::max<std::size_t>(1, target.prompts.size());
  for (std::size_t position = 0; position < prompts; ++position) {
    PromptContext prompt(context.clip(), *context.zero_shot(), target, position,
                         context.recorded().embedding());
    comparison.add(prompt);
  }
  return std::move(comparison).finish();
}

std::string words_text(const ComparedWords& words) {
  const Terminal terminal = Terminal::standard_output();
  std::string text;
  if (!words.methods.empty()) {
    const std::vector<std::size_t> order = shown_order(words);
    const std::size_t shown = std::min(order.size(), kMostWordsInText);
    text += "\n" + wrap("Which words counted: " + prompts_text(words), terminal.width) + "\n";
    Table table{.rows = {}, .columns = {}, .value = {}};
    for (const WordsOfMethod& method : words.methods) table.rows.push_back(method.info.name);
    for (std::size_t i = 0; i < shown; ++i) table.columns.push_back(words.words[order[i]]);
    table.value = [&](std::size_t row, std::size_t column) {
      return words.methods[row].words[order[column]];
    };
    text += draw_table(table, terminal);
    if (shown < order.size()) {
      text += fmt::format("and {} more: see the page or --json\n", order.size() - shown);
    }
  }
  if (!words.pairs.empty()) {
    text += "\n" + wrap("Words with the image: the sum over all patches", terminal.width) + "\n";
    Table table{.rows = {}, .columns = words.pair_rows, .value = {}};
    for (const PairsOfMethod& method : words.pairs) table.rows.push_back(method.info.name);
    table.value = [&](std::size_t row, std::size_t column) {
      return sum_of(words.pairs[row].maps[column]);
    };
    text += draw_table(table, terminal);
  }
  return text;
}

Json words_json(const ComparedWords& words, const PatchGrid& grid) {
  Json methods = Json::array(), pairs = Json::array();
  for (const WordsOfMethod& method : words.methods) {
    methods.push_back({{"name", method.info.name},
                       {"values", method.words},
                       {"seconds", method.seconds},
                       {"residual", method.residual ? Json(*method.residual) : Json()}});
  }
  for (const PairsOfMethod& method : words.pairs) {
    Json maps = Json::array();
    for (const std::vector<float>& map : method.maps) {
      Json rows = Json::array();
      for (auto begin = map.begin(); begin != map.end(); begin += grid.columns) {
        rows.push_back(std::vector<float>(begin, begin + grid.columns));
      }
      maps.push_back(std::move(rows));
    }
    pairs.push_back(
        {{"name", method.info.name},
         {"patches", maps},
         {"alone", method.alone},
         {"patches_alone", method.patches.empty() ? Json() : rows_of(method.patches, grid)},
         {"word_pairs_sum", method.word_pairs},
         {"patch_pairs_sum", method.patch_pairs},
         {"seconds", method.seconds},
         {"residual", method.residual ? Json(*method.residual) : Json()},
         {"notes", method.notes}});
  }
  return {{"prompts", words.prompts},
          {"words", words.words},
          {"methods", methods},
          {"pair_words", words.pair_rows},
          {"pairs", pairs}};
}

void add_words(const ComparedWords& words, const Image& source, const PatchGrid& grid,
               const OverlayOptions& options, Document& page) {
  if (!words.methods.empty()) {
    page.section("Which words counted");
    page.paragraph(prompts_text(words));
    DocumentTable table{
        .columns = {"word"},
        .rows = {},
        .note =
            "The last two rows: what the contributions miss of what they should add "
            "up to, and the time."};
    for (const WordsOfMethod& method : words.methods) table.columns.push_back(method.info.name);
    for (const std::size_t row : shown_order(words)) {
      table.rows.push_back({words.words[row]});
      for (const WordsOfMethod& method : words.methods) {
        table.rows.back().push_back(fmt::format("{:+.3g}", method.words[row]));
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
  if (words.pairs.empty()) return;
  page.section("Which word saw what");
  for (const PairsOfMethod& method : words.pairs) {
    page.part(method.info.name);
    page.paragraph(fmt::format("{}. Residual {}, {:.2f} s. All words on one scale.",
                               method.info.summary, residual_text(method.residual),
                               method.seconds));
    for (const std::string& note : method.notes) page.paragraph(note + ".");
    OverlayOptions own = options;
    own.limit = 0;
    for (const std::vector<float>& map : method.maps) {
      for (const float v : map) own.limit = std::max(own.limit, std::abs(double(v)));
    }
    std::vector<DocumentFigure> figures;
    for (std::size_t w = 0; w < method.maps.size(); ++w) {
      figures.push_back(
          {.caption = fmt::format("{}: {:+.3g}", words.pair_rows[w], sum_of(method.maps[w])),
           .image = shrink(overlay(source, grid, method.maps[w], own), kLongestSide)});
    }
    page.figures(figures);
  }
}

}  // namespace whyclip::cli
