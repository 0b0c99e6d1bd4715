#include "whyclip/compare_words.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "whyclip/methods/prompt_context.h"

namespace whyclip {
namespace {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return text;
}

void add_residual(std::optional<double>& residual, const std::optional<double>& total, double sum) {
  if (total) residual = residual.value_or(0) + *total - sum;
}

/// Adds up the values of prompt after prompt.
class WordComparison {
 public:
  WordComparison(ExplanationContext& context, std::span<const MethodWithSettings> methods,
                 const Progress& progress)
      : context_(context),
        methods_(methods),
        progress_(progress),
        one_(context.target().prompts.size() == 1) {
    for (const MethodWithSettings& entry : methods) {
      const MethodInfo& info = entry.method->info;
      if (entry.method->run_words) {
        result_.methods.push_back({.method = info.name, .in_logits = info.in_logits});
      }
      if (entry.method->run_pairs) {
        result_.pairs.push_back({.method = info.name, .summary = info.summary});
      }
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
      method.values.resize(result_.words.size(), 0.0);
      if (method.in_logits) continue;
      for (double& v : method.values) v /= double(result_.prompts.size());
    }
    return std::move(result_);
  }

 private:
  /// The row of each word of the prompt.
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

  void add_words(const MethodWithSettings& entry, PromptContext& prompt,
                 const std::vector<std::size_t>& rows, WordsOfMethod& to) const {
    const Stopwatch watch;
    const WordAttribution found = entry.method->run_words(prompt, entry.settings, progress_);
    to.values.resize(result_.words.size(), 0.0);
    for (std::size_t w = 0; w < rows.size(); ++w) to.values[rows[w]] += found.words[w];
    add_residual(
        to.residual, found.total,
        std::accumulate(found.words.begin(), found.words.end(), found.elsewhere.value_or(0)));
    to.seconds += watch.seconds();
  }

  void add_pairs(const MethodWithSettings& entry, PromptContext& prompt,
                 const std::vector<std::size_t>& rows, PairsOfMethod& to) const {
    const Stopwatch watch;
    const PairAttribution found =
        entry.method->run_pairs(context_, prompt, entry.settings, progress_);
    const auto patches = std::size_t(context_.patches());
    to.maps.resize(result_.pair_rows.size(), std::vector<float>(patches, 0.0f));
    to.alone.resize(result_.pair_rows.size(), 0.0);
    for (std::size_t w = 0; w < rows.size(); ++w) {
      for (std::size_t p = 0; p < patches; ++p) to.maps[rows[w]][p] += found.pairs[w * patches + p];
      if (!found.words.empty()) to.alone[rows[w]] += found.words[w];
    }
    if (!found.patches.empty()) to.patches_alone.resize(patches, 0.0);
    for (std::size_t p = 0; p < found.patches.size(); ++p) to.patches_alone[p] += found.patches[p];
    to.word_pairs += sum_of(found.word_pairs) / 2;  // each pair is stored twice
    to.patch_pairs += sum_of(found.patch_pairs) / 2;
    add_residual(to.residual, found.total, found.sum());
    if (one_) to.notes = found.notes;
    to.seconds += watch.seconds();
  }

  ExplanationContext& context_;
  std::span<const MethodWithSettings> methods_;
  const Progress& progress_;
  bool one_;
  ComparedWords result_;
};

}  // namespace

std::vector<std::size_t> ComparedWords::by_size() const {
  std::vector<std::size_t> order(words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (prompts.size() == 1) return order;
  const auto size = [&](std::size_t row) {
    double most = 0;
    for (const WordsOfMethod& method : methods) {
      if (method.in_logits) most = std::max(most, std::abs(method.values[row]));
    }
    return most;
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  return order;
}

ComparedWords compare_words(ExplanationContext& context,
                            std::span<const MethodWithSettings> methods, const Progress& progress) {
  WordComparison comparison(context, methods, progress);
  const Target& target = context.target();
  const std::size_t prompts = std::max<std::size_t>(1, target.prompts.size());
  for (std::size_t position = 0; position < prompts; ++position) {
    PromptContext prompt(context.clip(), *context.zero_shot(), target, position,
                         context.recorded().embedding());
    comparison.add(prompt);
  }
  return std::move(comparison).finish();
}

}  // namespace whyclip
