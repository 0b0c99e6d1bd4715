#include "whyclip/attribution/ledger.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

std::string point(std::size_t block, std::string_view name) {
  return fmt::format("vision.blocks.{}.{}", block, name);
}

std::size_t count_blocks(const Record& record) {
  std::size_t blocks = 0;
  while (record.has(point(blocks, "resid_post"))) ++blocks;
  return blocks;
}

double dot(std::span<const float> a, std::span<const float> b) {
  return a.empty() || b.empty() ? 0 : kernels::dot(a.data(), b.data(), std::int64_t(b.size()));
}

const Linear& linear(const Record& record, const std::string& trace_point) {
  return static_cast<const Linear&>(*record.step(trace_point).op);
}

/// Each head's contribution by source token at the class token, and the values' bias. `direction`
/// is the target's at z, (heads · head width).
void read_heads(const Record& record, std::size_t block, std::span<const float> direction,
                LedgerBlock& result) {
  const Tensor &pattern = record.at(point(block, "pattern")), &v = record.at(point(block, "v"));
  const auto& mix = static_cast<const AttentionMix&>(*record.step(point(block, "z")).op);
  const std::vector<float>& bias = linear(record, point(block, "v")).bias();
  const auto heads = std::size_t(mix.heads());
  const std::int64_t queries = mix.mask().queries();
  const std::size_t width = std::size_t(v.width()) / heads;
  for (std::size_t h = 0; h < heads; ++h) {
    const std::span<const float> along = direction.subspan(h * width, width);
    const std::span<const float> own =
        bias.empty() ? std::span<const float>() : std::span(bias).subspan(h * width, width);
    // The class token is the first query; the rows of a head are contiguous.
    const std::span<const float> weights = pattern.row(std::int64_t(h) * queries);
    const double of_bias = dot(along, own);
    double sum = 0;
    std::vector<float> tokens;
    for (std::int64_t j = 0; j < v.rows(); ++j) {
      const double value = dot(along, v.row(j).subspan(h * width, width)) - of_bias;
      const double contribution = double(weights[std::size_t(j)]) * value;
      tokens.push_back(float(contribution));
      sum += contribution;
    }
    result.heads.push_back(sum);
    result.head_tokens.push_back(std::move(tokens));
    result.attention_bias += of_bias * std::accumulate(weights.begin(), weights.end(), 0.0);
  }
}

LedgerBlock read_block(const Workspace& workspace, const Record& record, std::size_t block,
                       const Tensor& direction) {
  LedgerBlock result;
  const Linear &out = linear(record, point(block, "attn_out")),
               &down = linear(record, point(block, "mlp_out"));
  const Tensor at_z = out.adjoint_product(workspace, direction, WeightPart::kAll);
  read_heads(record, block, at_z.row(0), result);
  result.attention_bias += dot(direction.row(0), out.bias());
  result.mlp_bias = dot(direction.row(0), down.bias());
  result.mlp = dot(direction.row(0), record.at(point(block, "mlp_out")).row(0)) - result.mlp_bias;
  return result;
}

/// `direction` is the target's at the end of the class token's residual stream, (1, width).
ComponentLedger read_components(const Workspace& workspace, const Record& record,
                                const Tensor& direction, double last_bias, double logit) {
  const std::span<const float> start = record.at("vision.ln_pre").row(0);
  const auto& first_norm = static_cast<const LayerNorm&>(*record.step("vision.ln_pre").op);
  ComponentLedger result;
  result.embedding_bias = dot(direction.row(0), first_norm.beta());
  result.embedding = dot(direction.row(0), start) - result.embedding_bias;
  result.last_bias = last_bias;
  result.sum = result.embedding + result.embedding_bias + result.last_bias;
  for (std::size_t b = 0; b < count_blocks(record); ++b) {
    result.blocks.push_back(read_block(workspace, record, b, direction));
    result.sum += result.blocks.back().sum();
  }
  result.residual = logit - result.sum;
  return result;
}

Tensor rows_of(const Tensor& flow, std::size_t target, std::int64_t rows) {
  const auto count = std::size_t(rows * flow.width());
  return Tensor::from(rows, flow.width(), flow.values().subspan(target * count, count));
}

}  // namespace

double LedgerBlock::attention() const { return std::accumulate(heads.begin(), heads.end(), 0.0); }

double LedgerBlock::sum() const { return attention() + attention_bias + mlp + mlp_bias; }

double ComponentLedger::cancellation() const {
  double size = std::abs(embedding) + std::abs(embedding_bias) + std::abs(last_bias);
  for (const LedgerBlock& block : blocks) {
    size += std::abs(block.attention_bias) + std::abs(block.mlp) + std::abs(block.mlp_bias);
    for (const auto& tokens : block.head_tokens) {
      for (const float contribution : tokens) size += std::abs(double(contribution));
    }
  }
  return size / std::abs(sum);
}

std::vector<ComponentLedger> component_ledgers(const RecordedImage& recorded,
                                               std::span<const Target> targets) {
  const Record& record = recorded.record();
  const std::string end = point(count_blocks(record) - 1, "resid_post");
  const BackwardResult backward = propagate_backward(
      recorded.workspace(), record, contribution_rules(), trace_points::kImage,
      seed_of_targets(recorded, targets, Quantity::kGradient), {std::string_view(end)});
  std::vector<ComponentLedger> results;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    double last_bias = 0;
    for (const AdditiveContribution& additive_term : backward.additive_terms)
      last_bias += additive_term.contributions[t];
    // If all rows are computed, the class token's is the first.
    const Tensor direction = rows_of(backward.gradients.at(end), t, record.at(end).rows());
    results.push_back(
        read_components(recorded.workspace(), record, rows_of(direction, 0, 1), last_bias,
                        dot(targets[t].direction, record.at(trace_points::kImage).row(0))));
  }
  return results;
}

std::vector<Ledger> ledgers(const RecordedImage& recorded, std::span<const Target> targets,
                            const RuleTable& rules, ContributionOptions options) {
  const Record& record = recorded.record();
  const std::size_t blocks = count_blocks(record),
                    tokens = std::size_t(record.at("vision.ln_pre").rows());
  std::vector<Ledger> results(targets.size());
  for (Ledger& ledger : results) ledger.stream.assign(blocks + 1, std::vector<float>(tokens, 0.0f));
  options.observe = [&, observe = options.observe](const Step& step, const Tensor& flow) {
    if (observe) observe(step, flow);
    std::size_t row = blocks + 1;
    if (step.name == "vision.ln_pre") row = 0;
    for (std::size_t b = 0; b < blocks; ++b) {
      if (step.name == point(b, "resid_post")) row = b + 1;
    }
    if (row > blocks) return;
    const Tensor& value = record.value(step.output);
    const std::vector<double> contributions = row_contributions(rules.quantity, flow, value);
    const auto rows = std::size_t(value.rows());
    for (std::size_t i = 0; i < contributions.size(); ++i) {
      results[i / rows].stream[row][i % rows] = float(contributions[i]);
    }
  };
  std::vector<Contributions> sources = contributions(recorded, targets, rules, options);
  for (std::size_t t = 0; t < targets.size(); ++t) results[t].sources = std::move(sources[t]);
  return results;
}

}  // namespace whyclip
