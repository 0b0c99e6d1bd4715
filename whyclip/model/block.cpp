#include "whyclip/model/block.h"

#include <fmt/format.h>

#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/attention.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/select_rows.h"

namespace whyclip {
namespace {

OpPtr load_linear(const Weights& weights, const std::string& name) {
  const std::vector<std::int64_t>& shape = weights.row(name + ".weight").shape;
  return std::make_shared<Linear>(weights.loader(name + ".weight"), shape[0], shape[1],
                                  weights.load(name + ".bias"));
}

OpPtr load_norm(const Weights& weights, const std::string& name, float epsilon) {
  return std::make_shared<LayerNorm>(weights.load(name + ".weight"), weights.load(name + ".bias"),
                                     epsilon);
}

/// The block after attention, for the remaining rows of the residual stream.
Value finish(Trace& trace, const Block& b, const Value& x, const Value& z) {
  const Value attended = trace.apply(b.scope, "attn_out", b.out, {z});
  const Value middle = trace.apply(b.scope, "resid_mid", b.add, {x, attended});
  const Value normed = trace.apply(b.scope, "ln2", b.ln2, {middle});
  const Value before = trace.apply(b.scope, "mlp_pre", b.up, {normed});
  const Value after = trace.apply(b.scope, "mlp_post", b.activation, {before});
  const Value mlp = trace.apply(b.scope, "mlp_out", b.down, {after});
  return trace.apply(b.scope, "resid_post", b.add, {middle, mlp});
}

}  // namespace

std::vector<Block> load_blocks(const Weights& weights, const TowerConfig& config,
                               const std::string& tower) {
  const auto activation = std::make_shared<Activation>(config.activation);
  const auto add = std::make_shared<Add>();
  std::vector<Block> blocks;
  for (int i = 0; i < config.layers; ++i) {
    const std::string scope = fmt::format("{}.blocks.{}.", tower, i);
    blocks.push_back({.scope = scope,
                      .heads = config.heads,
                      .ln1 = load_norm(weights, scope + "ln1", config.epsilon),
                      .q = load_linear(weights, scope + "q"),
                      .k = load_linear(weights, scope + "k"),
                      .v = load_linear(weights, scope + "v"),
                      .out = load_linear(weights, scope + "out"),
                      .ln2 = load_norm(weights, scope + "ln2", config.epsilon),
                      .up = load_linear(weights, scope + "up"),
                      .activation = activation,
                      .down = load_linear(weights, scope + "down"),
                      .add = add});
  }
  return blocks;
}

Value run_block(Trace& trace, const Block& b, const Value& x, const AttentionMaskPtr& mask) {
  const Value normed = trace.apply(b.scope, "ln1", b.ln1, {x});
  const Value q = trace.apply(b.scope, "q", b.q, {normed});
  const Value k = trace.apply(b.scope, "k", b.k, {normed});
  const Value v = trace.apply(b.scope, "v", b.v, {normed});
  return finish(trace, b, x, attention(trace, b.scope, q, k, v, mask, b.heads));
}

Value run_last_block(Trace& trace, const Block& b, const Value& x,
                     const std::vector<std::int64_t>& rows, const AttentionMaskPtr& mask) {
  const OpPtr select = std::make_shared<SelectRows>(rows);
  const Value normed = trace.apply(b.scope, "ln1", b.ln1, {x});
  const Value selected = trace.apply(b.scope, "ln1.read", select, {normed});
  const Value q = trace.apply(b.scope, "q", b.q, {selected});
  const Value k = trace.apply(b.scope, "k", b.k, {normed});
  const Value v = trace.apply(b.scope, "v", b.v, {normed});
  const Value stream = trace.apply(b.scope, "resid_pre.read", select, {x});
  return finish(trace, b, stream, attention(trace, b.scope, q, k, v, mask, b.heads));
}

}  // namespace whyclip
