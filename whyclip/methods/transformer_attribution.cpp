// Transformer attribution: relevance × gradient of attention, multiplied over the blocks.

#include <algorithm>

#include "whyclip/attribution/contributions.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// (d ẑ)⁺ / Σ (d ẑ)⁺: relevance 1 of the target, propagated through a linear classifier with the
/// direction d as the weights of the class.
Tensor first_relevance(const ExplanationContext& context) {
  Tensor seed = seed_of_targets(context.recorded(), {&context.target(), 1}, Quantity::kRelevance);
  double sum = 0;
  for (const float value : seed.values()) sum += std::max(0.0, double(value));
  for (float& value : seed.values()) {
    value = value > 0 ? float(double(value) / sum) : 0.0f;
  }
  return seed;
}

/// Gradients or relevance after the backward pass through one block.
struct BlockFlow {
  Tensor pattern;  ///< at the block's attention pattern
  Tensor input;    ///< at the residual stream at the block's input
};

BlockFlow through_block(const ExplanationContext& context, const RuleTable& rules,
                        const std::string& from, Tensor seed, int block) {
  BlockFlow result;
  const std::string pattern = block_scope(block) + "pattern", input = block_input(block);
  BackwardResult backward = propagate_backward(
      context.workspace(), context.recorded().record(), rules, from, std::move(seed), {input},
      {.additive_terms = false, .observe = [&](const Step& step, const Tensor& flow) {
         if (step.name == pattern) result.pattern = flow.clone();
       }});
  result.input = std::move(backward.gradients.at(input));
  return result;
}

/// The class token's row of Ā_L · … · Ā_start, Ā = I + mean_h (∇A ⊙ R_A)⁺. Gradient and relevance
/// are propagated block by block together, so that only one block's patterns are in memory.
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
    BlockFlow g = through_block(context, gradient_rules(), from, std::move(gradient), block),
              r = through_block(context, rules, from, std::move(relevance), block);
    add_to(row, through_heads(row, g.pattern, head_count(context), [&](std::size_t position) {
             return std::max(
                 0.0, double(g.pattern.data()[position]) * double(r.pattern.data()[position]));
           }));
    gradient = std::move(g.input);
    relevance = std::move(r.input);
    from = block_input(block);
  }
  return {.patches = patches_of(row)};
}

}  // namespace

std::vector<Method> transformer_attribution_methods() {
  return {
      {{.name = "transformer-attribution",
        .family = MethodFamily::kAttention,
        .summary =
            "positive part of gradient × LRP relevance of attention, multiplied over the blocks",
        .reference = "Chefer et al., Transformer Interpretability Beyond Attention Visualization, "
                     "2021, eqs. 5, 7, 9, 13 and 14. The authors' code gives the same map: it "
                     "halves the relevance of a product's factors; eq. 9 does too, because both "
                     "factors have the same sum by eq. 7",
        .cost = "F + 2 B",
        .is_signed = false,
        .options = {block_option("start", "first block included", 0)}},
       transformer_attribution}};
}

}  // namespace whyclip
