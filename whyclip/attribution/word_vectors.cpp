#include "whyclip/attribution/word_vectors.h"
#include "whyclip/model/trace_points.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>

#include "whyclip/attribution/prompt_words.h"
#include "whyclip/attribution/recorded_text.h"
#include "whyclip/rules/propagate_forward.h"

namespace whyclip {
namespace {

/// Rows of contributions propagated at once (ViT-L/14: 4096 rows of 3072 floats in its MLP are 50
/// MB).
constexpr std::int64_t kMaxRows = 4096;

/// Groups of tokens, each a source. Two more sources follow: all positions and all biases.
struct TokenGroups {
  std::vector<std::string> names;
  std::vector<std::vector<std::int64_t>> rows;  ///< of text.tokens
};

/// The groups that WordVectors names, in one record; `parts` are its prompts' weights in the
/// target.
TokenGroups group_tokens(const ZeroShot& zero_shot, std::span<const PromptWeight> parts,
                         const RecordedText& text, bool each_word) {
  TokenGroups groups;
  std::vector<std::int64_t> starts, ends;
  if (!each_word) groups = {{"class name", "other words"}, {{}, {}}};
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const RecordedPrompt& recorded = text.prompts()[k];
    const Prompt& prompt = zero_shot.prompts[std::size_t(parts[k].prompt)];
    for (const PromptWord& word : prompt_words(recorded, prompt)) {
      if (each_word) {
        groups.names.push_back(word.text);
        groups.rows.emplace_back();
      }
      auto& rows = each_word ? groups.rows.back() : groups.rows[word.class_name ? 0 : 1];
      for (std::size_t i = 0; i < word.tokens; ++i) {
        rows.push_back(recorded.first_row + std::int64_t(word.first_token + i));
      }
    }
    starts.push_back(recorded.first_row);
    ends.push_back(recorded.first_row + std::int64_t(recorded.tokens.size()) - 1);
  }
  groups.names.insert(groups.names.end(), {"start", "end of text"});
  groups.rows.push_back(std::move(starts));
  groups.rows.push_back(std::move(ends));
  return groups;
}

/// The contributions of the sources from index `begin` to `end` to the normalised embeddings,
/// (sources × prompts, projection).
Tensor propagate_some(const RecordedText& text, const TokenGroups& groups, std::int64_t begin,
                      std::int64_t end) {
  const Tensor& tokens = text.record().at(trace_points::kTextTokens);
  const auto positions = std::int64_t(groups.rows.size());
  Tensor contributions = text.workspace().zeros((end - begin) * tokens.rows(), tokens.width());
  for (std::int64_t s = begin; s < std::min(end, positions); ++s) {
    for (const std::int64_t row : groups.rows[std::size_t(s)]) {
      std::ranges::copy(tokens.row(row),
                        contributions.row((s - begin) * tokens.rows() + row).begin());
    }
  }
  const auto source_of_additive_term = [=](const std::string& trace_point, std::int64_t) {
    const std::int64_t source =
        trace_point == trace_points::kTextPositions ? positions : positions + 1;
    return source >= begin && source < end ? source - begin : std::int64_t{-1};
  };
  Sources sources{.count = end - begin,
                  .contributions = {},
                  .source_of_additive_term = source_of_additive_term};
  sources.contributions.emplace(trace_points::kTextTokens, std::move(contributions));
  return propagate_forward(text.workspace(), text.record(), contribution_rules(),
                           std::move(sources), trace_points::kText);
}

/// Adds the vectors of one record to `sums`, (sources, projection), by the weights of its prompts.
void add_vectors(const RecordedText& text, std::span<const PromptWeight> parts,
                 const TokenGroups& groups, std::vector<double>& sums) {
  const std::int64_t count = std::int64_t(groups.rows.size()) + 2,
                     prompts = std::int64_t(parts.size()),
                     width = text.record().at(trace_points::kText).width(),
                     at_once = std::max<std::int64_t>(
                         1, kMaxRows / text.record().at(trace_points::kTextTokens).rows());
  sums.resize(std::size_t(count * width), 0.0);
  for (std::int64_t begin = 0; begin < count; begin += at_once) {
    const Tensor some = propagate_some(text, groups, begin, std::min(begin + at_once, count));
    for (std::int64_t r = 0; r < some.rows(); ++r) {
      const double weight = parts[std::size_t(r % prompts)].weight;
      double* sum = sums.data() + (begin + r / prompts) * width;
      for (std::int64_t c = 0; c < width; ++c) sum[c] += weight * double(some.row(r).data()[c]);
    }
  }
}

}  // namespace

WordVectors word_vectors(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                         const Progress& progress) {
  const std::vector<std::string> texts = prompt_texts(zero_shot, target);
  WordVectors result;
  std::vector<double> sums;
  record_texts(clip, texts, progress, [&](std::size_t first, const RecordedText& some) {
    const auto parts = std::span(target.prompts).subspan(first, some.prompts().size());
    TokenGroups groups = group_tokens(zero_shot, parts, some, texts.size() == 1);
    add_vectors(some, parts, groups, sums);
    result.names = std::move(groups.names);  // the same for every record of a target
  });
  result.names.insert(result.names.end(), {"positions", "biases"});
  result.vectors = Tensor(std::int64_t(result.names.size()), clip.config().projection);
  std::ranges::transform(sums, result.vectors.values().begin(), [](double v) { return float(v); });
  return result;
}

}  // namespace whyclip
