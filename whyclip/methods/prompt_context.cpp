#include "whyclip/methods/prompt_context.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// Throws Error unless the target has a prompt at this position.
const PromptWeight& part_of(const Target& target, std::size_t position) {
  if (position < target.prompts.size()) return target.prompts[position];
  throw Error(target.name,
              target.prompts.empty()
                  ? std::string("is not a sum of prompts, so it has no words to explain")
                  : fmt::format("expected a prompt from 0 to {}, got {}", target.prompts.size() - 1,
                                position));
}

std::vector<std::string> text_of(const ZeroShot& zero_shot, const Target& target,
                                 std::size_t position) {
  part_of(target, position);
  return {prompt_texts(zero_shot, target)[position]};
}

/// weight · the target of the single prompt.
Target target_of(const Clip& clip, const ZeroShot& zero_shot, const PromptWeight& part) {
  Target result = prompt_target(clip, zero_shot, part.prompt);
  for (float& v : result.direction) v = float(part.weight * double(v));
  result.prompts = {part};
  return result;
}

}  // namespace

PromptContext::PromptContext(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                             std::size_t position, std::span<const float> image_embedding)
    : clip_(clip),
      zero_shot_(zero_shot),
      weight_(part_of(target, position).weight),
      part_(target_of(clip, zero_shot, part_of(target, position))),
      direction_(image_direction(clip, image_embedding)),
      text_(clip, text_of(zero_shot, target, position)),
      words_(prompt_words(text_.prompts()[0],
                          zero_shot.prompts[std::size_t(part_of(target, position).prompt)])) {
  if (words_.empty()) throw Error("prompt", "is empty, so it has no words to explain");
  for (float& v : direction_) v = float(weight_ * double(v));
  value_ = value_of(text_.embedding(0));
}

std::vector<std::int32_t> PromptContext::ids() const {
  std::vector<std::int32_t> ids;
  for (const Token& token : recorded().tokens) ids.push_back(token.id);
  return ids;
}

TokenTree PromptContext::tree(int copies) const {
  TokenTree tree;
  for (int copy = 0; copy < copies; ++copy) {
    for (int i = 0; i < tokens(); ++i) {
      tree.parent.push_back(i == 0 ? -1 : std::int32_t(tree.ids.size()) - 1);
      tree.depth.push_back(i);
      tree.ids.push_back(recorded().tokens[std::size_t(i)].id);
    }
    tree.ends.push_back(std::int64_t(tree.ids.size()) - 1);
  }
  return tree;
}

double PromptContext::value_of(std::span<const float> text_embedding) const {
  double product = 0, squares = 0;
  for (std::size_t i = 0; i < direction_.size(); ++i) {
    product += double(direction_[i]) * double(text_embedding[i]);
    squares += double(text_embedding[i]) * double(text_embedding[i]);
  }
  return product / std::sqrt(squares);
}

BackwardResult PromptContext::backward_pass(const RuleTable& rules, std::string_view to,
                                            BackwardOptions options) const {
  const Tensor& pooled = record().at(trace_points::kText);
  Tensor seed = workspace().tensor(1, pooled.width());
  std::ranges::copy(direction_, seed.row(0).begin());
  if (rules.quantity != Quantity::kGradient) {
    std::ranges::transform(seed.row(0), pooled.row(0), seed.row(0).begin(), std::multiplies<>());
  }
  return propagate_backward(workspace(), record(), rules, trace_points::kText, std::move(seed),
                            {to}, options);
}

Tensor PromptContext::embeddings_keeping(std::span<const WordSet> kept,
                                         const Progress& progress) const {
  std::vector<TokenSet> sets;
  for (const WordSet& words : kept) {
    TokenSet set{0};
    for (const int w : words) {
      if (w < 0 || w >= int(words_.size())) {
        throw Error("words", fmt::format("expected indices from 0 to {}, got {}",
                                         int(words_.size()) - 1, w));
      }
      const PromptWord& word = words_[std::size_t(w)];
      for (std::size_t i = 0; i < word.tokens; ++i) set.push_back(int(word.first_token + i));
    }
    set.push_back(tokens() - 1);
    sets.push_back(std::move(set));
  }
  return text_embeddings_keeping(clip_, ids(), sets, progress);
}

std::vector<double> PromptContext::values_keeping(std::span<const WordSet> kept,
                                                  const Progress& progress) {
  std::vector<WordSet> sorted(kept.begin(), kept.end()), missing;
  for (WordSet& set : sorted) {
    std::ranges::sort(set);
    if (!values_.contains(set)) missing.push_back(set);
  }
  std::ranges::sort(missing);
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  const Tensor found = embeddings_keeping(missing, progress);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    values_[missing[i]] = value_of(found.row(std::int64_t(i)));
  }
  std::vector<double> values;
  for (const WordSet& set : sorted) values.push_back(values_.at(set));
  return values;
}

std::vector<double> by_words(const PromptContext& context, std::span<const double> tokens) {
  std::vector<double> result;
  for (const PromptWord& word : context.words()) {
    double sum = 0;
    for (std::size_t i = 0; i < word.tokens; ++i) sum += tokens[word.first_token + i];
    result.push_back(sum);
  }
  return result;
}

}  // namespace whyclip
