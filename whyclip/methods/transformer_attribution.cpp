// Attention by its relevance times its gradient, multiplied through the blocks.

#include <algorithm>

#include "whyclip/attribution/contributions.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// (d ẑ)⁺ / Σ (d ẑ)⁺: the relevance 1 of the target, with its direction d as the row of weights
/// that a classifier has for a class.
Tensor first_relevance(const ExplanationContext& context) {
  Tensor seed = seed_of_targets(context.recorded(), {&context.target(), 1}, Quantity::kRelevance);
  double sum = 0;
  for (const float value : seed.values()) sum += std::max(0.0, double(value));
  for (float& value : seed.values()) {
    value = value > 0 ? float(double(value) / sum) : 0.0f;
  }
  return seed;
}

/// A walk that has come through a block.
struct Passed {
  Tensor pattern;  ///< what flowed at the block's pattern
  Tensor below;    ///< and at the residual stream that the block reads
};

Passed through_block(const ExplanationContext& context, const RuleTable& rules,
                     const std::string& from, Tensor seed, int block) {
  Passed result;
  const std::string pattern = block_scope(block) + "pattern", below = block_input(block);
  BackwardResult backward = propagate_backward(
      context.workspace(), context.recorded().record(), rules, from, std::move(seed), {below},
      {.additive_terms = false, .observe = [&](const Step& step, const Tensor& flow) {
         if (step.name == pattern) result.pattern = flow.clone();
       }});
  result.below = std::move(backward.gradients.at(below));
  return result;
}

/// The class token's row of Ā_L · … · Ā_start, Ā = I + mean_h (∇A ⊙ R_A)⁺. Gradient and relevance
/// go from block to block together, so that one block's patterns are held at a time.
Attribution transformer_attribution(ExplanationContext& context, const MethodSettings& settings,
                                    const Progress& progress) {
  const RuleTable rules = beyond_attention_rules();
  const int start = block_of(context, settings, "start"), blocks = block_count(context);
  std::vector<double> row = class_row(context);
  Tensor gradient =
             seed_of_targets(context.recorded(), {&context.target(), 1}, Quantity::kGradient),
         relevance = first_relevance(context);
  std::string from = "vision.normalized";
  for (int block = blocks - 1; block >= start; --block) {
    report_progress(progress, "blocks", blocks - 1 - block, blocks - start);
    Passed g = through_block(context, gradient_rules(), from, std::move(gradient), block),
           r = through_block(context, rules, from, std::move(relevance), block);
    add_to(row, through_heads(row, g.pattern, head_count(context), [&](std::size_t position) {
             return std::max(
                 0.0, double(g.pattern.data()[position]) * double(r.pattern.data()[position]));
           }));
    gradient = std::move(g.below);
    relevance = std::move(r.below);
    from = block_input(block);
  }
  return {.patches = patches_of(row)};
}

}  // namespace

Method transformer_attribution_method() {
  return {
      {.name = "transformer-attribution",
       .family = MethodFamily::kAttention,
       .summary = "attention's relevance (LRP) where more of it would raise the target, "
                  "multiplied through the blocks",
       .reference = "Chefer et al., Transformer Interpretability Beyond Attention Visualization, "
                    "2021, eqs. 5, 7, 9, 13 and 14. The authors' program gives the same map: it "
                    "halves the relevance of a product's factors, and so does eq. 9, because "
                    "eq. 7 gives both factors the same sum",
       .cost = "F + 2 B",
       .is_signed = false,
       .options = {block_option("start", "the first block that counts", 0)}},
      transformer_attribution};
}

}  // namespace whyclip
