#include "whyclip/attribution/text_contributions.h"
#include "whyclip/model/trace_points.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "whyclip/attribution/prompt_words.h"
#include "whyclip/attribution/recorded_text.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/rules/propagate_backward.h"

namespace whyclip {
namespace {

/// Fills a result from a sequence of records.
class Collector {
 public:
  Collector(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
            std::vector<float> direction, TextContributions& result)
      : clip_(clip),
        zero_shot_(zero_shot),
        target_(target),
        direction_(std::move(direction)),
        result_(result) {}

  /// Runs the backward pass through the target's prompts from index `first` on.
  void add(std::size_t first, const RecordedText& some) {
    const Record& record = some.record();
    const Tensor& pooled = record.at(trace_points::kText);
    Tensor seed = some.workspace().tensor(pooled.rows(), pooled.width());
    std::vector<PromptContributions> prompts;
    for (std::size_t k = 0; k < some.prompts().size(); ++k) {
      const std::span<float> row = seed.row(std::int64_t(k));
      const double weight = target_.prompts[first + k].weight;
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = float(weight * double(direction_[i]));
      prompts.push_back(
          {.text = some.prompts()[k].text,
           .weight = weight,
           .truncated = some.prompts()[k].truncated,
           .logit = kernels::dot(row.data(), pooled.row(std::int64_t(k)).data(), pooled.width()),
           .words = {},
           .start = 0,
           .end = 0,
           .positions = 0,
           .biases = 0,
           .sum = 0,
           .residual = 0});
    }
    const BackwardResult backward =
        propagate_backward(some.workspace(), record, contribution_rules(), trace_points::kText,
                           std::move(seed), {trace_points::kTextTokens});
    const std::vector<double> contributions = row_contributions(
        Quantity::kGradient, backward.gradients.at(std::string(trace_points::kTextTokens)),
        record.at(trace_points::kTextTokens));
    for (std::size_t k = 0; k < prompts.size(); ++k) {
      const Prompt& prompt = zero_shot_.prompts[std::size_t(target_.prompts[first + k].prompt)];
      add_tokens(some.prompts()[k], prompt, contributions, prompts[k]);
    }
    add_additive_terms(some, backward, prompts);
    std::move(prompts.begin(), prompts.end(), std::back_inserter(result_.prompts));
  }

  void finish() {
    for (PromptContributions& prompt : result_.prompts) {
      prompt.sum = prompt.start + prompt.end + prompt.positions + prompt.biases;
      for (const WordContribution& word : prompt.words) {
        prompt.sum += word.contribution;
        (word.class_name ? result_.class_words : result_.other_words) += word.contribution;
      }
      prompt.residual = prompt.logit - prompt.sum;
      result_.logit += prompt.logit;
      result_.start += prompt.start;
      result_.end += prompt.end;
      result_.positions += prompt.positions;
    }
    result_.sum =
        result_.class_words + result_.other_words + result_.start + result_.end + result_.positions;
    for (const Contribution& bias : result_.biases) result_.sum += bias.contribution;
    result_.residual = result_.logit - result_.sum;
    for (auto& [ids, total] : totals_) result_.words.push_back(std::move(total));
    std::ranges::stable_sort(result_.words, [](const WordTotal& a, const WordTotal& b) {
      return std::abs(a.contribution) > std::abs(b.contribution);
    });
  }

 private:
  void add_tokens(const RecordedPrompt& recorded, const Prompt& prompt,
                  const std::vector<double>& contributions, PromptContributions& result) {
    const auto contribution_of = [&](std::size_t token) {
      return contributions[std::size_t(recorded.first_row) + token];
    };
    result.start = contribution_of(0);
    result.end = contribution_of(recorded.tokens.size() - 1);
    for (const PromptWord& word : prompt_words(recorded, prompt)) {
      WordContribution entry{word.text, word.begin, word.end, 0, word.class_name, {}};
      std::vector<std::int32_t> ids;
      for (std::size_t i = word.first_token; i < word.first_token + word.tokens; ++i) {
        const Token& token = recorded.tokens[i];
        entry.tokens.push_back(
            {clip_.tokenizer().piece(token.id), token.begin, token.end, contribution_of(i)});
        entry.contribution += contribution_of(i);
        ids.push_back(token.id);
      }
      WordTotal& total = totals_
                             .try_emplace({std::move(ids), word.class_name},
                                          WordTotal{word.text, word.class_name, 0, 0})
                             .first->second;
      ++total.count;
      total.contribution += entry.contribution;
      result.words.push_back(std::move(entry));
    }
  }

  void add_additive_terms(const RecordedText& some, const BackwardResult& backward,
                          std::vector<PromptContributions>& prompts) {
    for (const AdditiveContribution& additive_term : backward.additive_terms) {
      const bool positions = additive_term.trace_point == trace_points::kTextPositions;
      const auto rows = std::int64_t(additive_term.rows.size());
      for (std::int64_t r = 0; r < rows; ++r) {
        PromptContributions& prompt = prompts[some.prompt_of(r, rows)];
        (positions ? prompt.positions : prompt.biases) += additive_term.rows[std::size_t(r)];
      }
      if (!positions)
        bias(additive_term.trace_point).contribution += additive_term.contributions[0];
    }
  }

  /// The entry of a bias; all records have the same biases in the same order.
  Contribution& bias(const std::string& trace_point) {
    const auto found = std::ranges::find(result_.biases, trace_point, &Contribution::trace_point);
    if (found != result_.biases.end()) return *found;
    return result_.biases.emplace_back(Contribution{trace_point, 0});
  }

  const Clip& clip_;
  const ZeroShot& zero_shot_;
  const Target& target_;
  std::vector<float> direction_;
  TextContributions& result_;
  std::map<std::pair<std::vector<std::int32_t>, bool>, WordTotal> totals_;
};

}  // namespace

TextContributions text_contributions(const Clip& clip, const ZeroShot& zero_shot,
                                     const Target& target, std::span<const float> image_embedding,
                                     const Progress& progress) {
  const std::vector<std::string> texts = prompt_texts(zero_shot, target);
  TextContributions result{.target_kind = target.kind,
                           .target_name = target.name,
                           .logit = 0,
                           .prompts = {},
                           .class_words = 0,
                           .other_words = 0,
                           .start = 0,
                           .end = 0,
                           .positions = 0,
                           .biases = {},
                           .sum = 0,
                           .residual = 0,
                           .words = {}};
  Collector collector(clip, zero_shot, target, image_direction(clip, image_embedding), result);
  record_texts(clip, texts, progress,
               [&](std::size_t first, const RecordedText& some) { collector.add(first, some); });
  collector.finish();
  return result;
}

}  // namespace whyclip
