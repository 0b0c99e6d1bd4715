// Attention by its relevance times its gradient, multiplied through the blocks.

#include <algorithm>

#include "whyclip/attribution/contributions.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/subject.h"
#include "whyclip/rules/propagate.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// (d ẑ)⁺ / Σ (d ẑ)⁺: the relevance 1 of the target, with its direction d as the row of weights
/// that a classifier has for a class.
Tensor first_relevance(const Subject& subject) {
  Tensor seed = seed_of_targets(subject.image(), {&subject.target(), 1}, Moves::kRelevance);
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

Passed through_block(const Subject& subject, const RuleTable& rules, const std::string& from,
                     Tensor seed, int block) {
  Passed result;
  const std::string pattern = block_scope(block) + "pattern", below = block_input(block);
  Walk walk =
      propagate(subject.workspace(), subject.image().record(), rules, from, std::move(seed),
                {below}, {.offsets = false, .observe = [&](const Step& step, const Tensor& flow) {
                            if (step.name == pattern) result.pattern = flow.clone();
                          }});
  result.below = std::move(walk.gradients.at(below));
  return result;
}

/// The class token's row of Ā_L · … · Ā_start, Ā = I + mean_h (∇A ⊙ R_A)⁺. Gradient and relevance
/// go from block to block together, so that one block's patterns are held at a time.
Attribution transformer_attribution(Subject& subject, const MethodSettings& settings,
                                    const Progress& progress) {
  const RuleTable rules = beyond_attention_rules();
  const int start = block_of(subject, settings, "start"), blocks = block_count(subject);
  std::vector<double> row = class_row(subject);
  Tensor gradient = seed_of_targets(subject.image(), {&subject.target(), 1}, Moves::kGradient),
         relevance = first_relevance(subject);
  std::string from = "vision.normalized";
  for (int block = blocks - 1; block >= start; --block) {
    report_progress(progress, "blocks", blocks - 1 - block, blocks - start);
    Passed g = through_block(subject, gradient_rules(), from, std::move(gradient), block),
           r = through_block(subject, rules, from, std::move(relevance), block);
    add_to(row, through_heads(row, g.pattern, head_count(subject), [&](std::size_t place) {
             return std::max(0.0,
                             double(g.pattern.data()[place]) * double(r.pattern.data()[place]));
           }));
    gradient = std::move(g.below);
    relevance = std::move(r.below);
    from = block_input(block);
  }
  return {.patches = patches_of(row)};
}

}  // namespace

Method transformer_attribution_method() {
  return {{.name = "transformer-attribution",
           .family = MethodFamily::kAttention,
           .summary = "attention's relevance (LRP) where more of it would raise the target, "
                      "multiplied through the blocks",
           .source = "Chefer et al., Transformer Interpretability Beyond Attention Visualization, "
                     "2021, eqs. 5, 7, 9, 13 and 14. The authors' program gives the same map: it "
                     "halves the relevance of a product's factors, and so does eq. 9, because "
                     "eq. 7 gives both factors the same sum",
           .cost = "F + 2 B",
           .is_signed = false,
           .options = {block_option("start", "the first block that counts", 0)}},
          transformer_attribution};
}

}  // namespace whyclip
