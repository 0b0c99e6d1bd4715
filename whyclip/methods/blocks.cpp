#include "whyclip/methods/blocks.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <map>

#include "whyclip/attribution/contributions.h"
#include "whyclip/core/error.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// Larger than the number of blocks of any tower.
constexpr int kMostBlocks = 999;

BackwardResult backward_pass(ExplanationContext& context, std::string_view to,
                             BackwardOptions options) {
  const RecordedImage& recorded = context.recorded();
  options.additive_terms = false;
  return propagate_backward(
      recorded.workspace(), recorded.record(), gradient_rules(), trace_points::kImage,
      seed_of_targets(recorded, {&context.target(), 1}, Quantity::kGradient), {to}, options);
}

}  // namespace

int block_count(const ExplanationContext& context) {
  return context.clip().config().vision.tower.layers;
}

int head_count(const ExplanationContext& context) {
  return context.clip().config().vision.tower.heads;
}

std::string block_scope(int block) { return fmt::format("vision.blocks.{}.", block); }

std::string block_input(int block) {
  return block == 0 ? "vision.ln_pre" : block_scope(block - 1) + "resid_post";
}

MethodOption block_option(std::string name, std::string description, int default_value) {
  return MethodOption::count(std::move(name), description + "; 0 is the first block, -1 the last",
                             default_value, -kMostBlocks, kMostBlocks);
}

int block_of(const ExplanationContext& context, const MethodSettings& settings,
             std::string_view option) {
  return block_among(block_count(context), "image", settings, option);
}

int block_among(int blocks, std::string_view tower, const MethodSettings& settings,
                std::string_view option) {
  const int target = settings.count(option), block = target < 0 ? blocks + target : target;
  if (block >= 0 && block < blocks) return block;
  throw Error(std::string(option),
              fmt::format("the {} tower has the blocks 0 to {} (or -1 to -{}), got {}", tower,
                          blocks - 1, blocks, target));
}

MethodOption at_option() {
  return MethodOption::choice("at", "tokens after the block's first layer norm, or at its input",
                              {"ln1", "input"});
}

std::string tokens_of(const ExplanationContext& context, const MethodSettings& settings) {
  const int block = block_of(context, settings, "layer");
  return settings.word("at") == "ln1" ? block_scope(block) + "ln1" : block_input(block);
}

Tensor gradient_at(ExplanationContext& context, std::string_view trace_point,
                   const Progress& progress) {
  BackwardResult backward = backward_pass(context, trace_point, {.progress = progress});
  return std::move(backward.gradients.at(std::string(trace_point)));
}

void each_pattern_gradient(ExplanationContext& context, int first, const Progress& progress,
                           const PatternVisit& visit) {
  const Record& record = context.recorded().record();
  std::map<std::string, int> blocks;
  for (int i = first; i < block_count(context); ++i) blocks[block_scope(i) + "pattern"] = i;
  backward_pass(context, block_input(first),
                {.observe =
                     [&](const Step& step, const Tensor& flow) {
                       const auto found = blocks.find(step.name);
                       if (found == blocks.end()) return;
                       visit(found->second, record.value(step.output), flow);
                     },
                 .progress = progress});
}

std::vector<double> class_row(const ExplanationContext& context) {
  std::vector<double> row(std::size_t(context.patches()) + 1, 0.0);
  row[0] = 1;
  return row;
}

void add_to(std::vector<double>& row, std::span<const double> values) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] += values[i];
}

std::vector<double> through_heads(std::span<const double> row, const Tensor& pattern, int heads,
                                  const std::function<double(std::size_t position)>& value) {
  const auto tokens = std::size_t(pattern.width());
  const std::int64_t queries = pattern.rows() / heads;
  std::vector<double> result(tokens, 0.0);
  for (std::int64_t q = 0; q < queries; ++q) {
    const double weight = row[std::size_t(q)] / heads;
    if (weight == 0) continue;
    for (int h = 0; h < heads; ++h) {
      const std::size_t begin = std::size_t(h * queries + q) * tokens;
      for (std::size_t j = 0; j < tokens; ++j) result[j] += weight * value(begin + j);
    }
  }
  return result;
}

std::vector<float> patches_of(std::span<const double> tokens) {
  return {tokens.begin() + 1, tokens.end()};
}

}  // namespace whyclip
