#include "whyclip/model/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/embed_tokens.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

/// Maximum number of rows computed together: enough for fast matrix products with little memory
/// (ViT-L's text tower: 2048 rows of 3072 floats are 25 MB).
constexpr std::size_t kMostNodes = 2048;

}  // namespace

TextTower::TextTower(const Weights& weights, const ClipConfig& config)
    : config_(config.text), blocks_(load_blocks(weights, config.text.tower, "text")) {
  const std::int64_t width = config_.tower.width;
  tokens_ = std::make_shared<Tensor>(
      Tensor::from(config_.vocabulary, width, weights.load("text.tokens")));
  positions_ = std::make_shared<Tensor>(
      Tensor::from(config_.context_length, width, weights.load("text.positions")));
  ln_post_ = std::make_shared<LayerNorm>(weights.load("text.ln_post.weight"),
                                         weights.load("text.ln_post.bias"), config_.tower.epsilon);
  projection_ = std::make_shared<Linear>(
      weights.loader("text.projection"), config.projection, width,
      config_.projection_bias ? weights.load("text.projection.bias") : std::vector<float>{});
}

Value TextTower::forward(Trace& trace, const TokenTree& tree) const {
  const Value tokens =
      trace.apply("text.", "tokens", std::make_shared<EmbedTokens>(tokens_, tree.ids), {});
  return encode(trace, tokens, tree);
}

Value TextTower::encode(Trace& trace, const Value& tokens, const TokenTree& tree) const {
  const Value x =
      trace.apply("text.", "embedded", std::make_shared<AddRows>(positions_, tree.depth), {tokens});
  return forward_from(trace, x, tree, 0);
}

Value TextTower::forward_from(Trace& trace, Value x, const TokenTree& tree, int block) const {
  if (block < 0 || block >= int(blocks_.size())) {
    throw Error("text.blocks",
                fmt::format("expected a block from 0 to {}, got {}", blocks_.size() - 1, block));
  }
  const AttentionMaskPtr causal = AttentionMask::tree(tree.parent);
  for (auto i = std::size_t(block); i + 1 < blocks_.size(); ++i) {
    x = run_block(trace, blocks_[i], x, causal);
  }
  x = run_last_block(trace, blocks_.back(), x, tree.ends,
                     AttentionMask::tree_some_queries(tree.parent, tree.ends));
  const Value pooled = trace.apply("text.", "pooled", ln_post_, {x});
  return trace.apply("text.", "embedding", projection_, {pooled});
}

std::vector<std::int32_t> TextTower::up_to_end(std::span<const std::int32_t> ids) const {
  const auto end = config_.end_id ? std::find(ids.begin(), ids.end(), *config_.end_id)
                                  : std::max_element(ids.begin(), ids.end());
  if (end == ids.end()) {
    throw Error("text.tokens",
                fmt::format("the prompt does not contain the end-of-text token {} of the config",
                            config_.end_id.value_or(-1)));
  }
  return {ids.begin(), end + 1};
}

Tensor embed_prompts(const TextTower& tower, const Workspace& workspace,
                     std::span<const std::vector<std::int32_t>> prompts, const Progress& progress,
                     TextWork* work) {
  std::vector<std::vector<PositionedToken>> positioned;
  for (const auto& ids : prompts) positioned.push_back(with_positions(tower.up_to_end(ids)));
  return embed_prompts(tower, workspace, positioned, progress, work);
}

Tensor embed_prompts(const TextTower& tower, const Workspace& workspace,
                     std::span<const std::vector<PositionedToken>> prompts,
                     const Progress& progress, TextWork* work) {
  if (prompts.empty()) return {};
  TextWork count{.prompts = std::int64_t(prompts.size())};
  for (const auto& tokens : prompts) count.tokens += std::int64_t(tokens.size());
  Tensor result;
  std::int64_t done = 0;
  for (const PromptBatch& batch : merge_prompts(prompts, kMostNodes)) {
    Trace trace(workspace);
    const Value embeddings = tower.forward(trace, batch.tree);
    if (result.empty()) result = Tensor(std::int64_t(prompts.size()), embeddings->width());
    for (std::size_t i = 0; i < batch.prompts.size(); ++i) {
      std::copy_n(embeddings->row(std::int64_t(batch.end_of[i])).data(), embeddings->width(),
                  result.row(std::int64_t(batch.prompts[i])).data());
    }
    count.computed += std::int64_t(batch.tree.ids.size());
    done += std::int64_t(batch.prompts.size());
    report_progress(progress, "text", done, count.prompts);
  }
  if (work != nullptr) *work = count;
  return result;
}

}  // namespace whyclip
