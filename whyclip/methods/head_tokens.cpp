// Direct effects of the last blocks' attention heads on the image embedding, by source token.

#include <algorithm>
#include <numeric>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/ledger.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/families.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  return b.empty() ? 0 : kernels::dot(a.data(), b.data(), std::int64_t(b.size()));
}

/// Σ_l Σ_h of the direct effects over the blocks from `first` on, for each token.
std::vector<double> direct_effects(const ComponentLedger& ledger, std::size_t first) {
  std::vector<double> tokens(ledger.blocks[0].head_tokens[0].size(), 0.0);
  for (std::size_t l = first; l < ledger.blocks.size(); ++l) {
    for (const std::vector<float>& head : ledger.blocks[l].head_tokens) {
      std::transform(tokens.begin(), tokens.end(), head.begin(), tokens.begin(),
                     [](double sum, float contribution) { return sum + double(contribution); });
    }
  }
  return tokens;
}

/// The target as an affine function of the class token's final residual stream x, 1/σ and ‖z‖
/// frozen: gain · (x − mean(x)) + additive term.
struct AffineTarget {
  Tensor gain;                                      ///< (1, width)
  double additive_term = 0, mean_contribution = 0;  ///< contributions of β and of mean(x)
};

AffineTarget affine_target(ExplanationContext& context) {
  const RecordedImage& recorded = context.recorded();
  const Step& step = recorded.record().step("vision.pooled");
  const auto& norm = static_cast<const LayerNorm&>(*step.op);
  BackwardResult backward = propagate_backward(
      recorded.workspace(), recorded.record(), contribution_rules(), "vision.normalized",
      seed_of_targets(recorded, {&context.target(), 1}, Quantity::kGradient), {"vision.pooled"},
      {.additive_terms = false});
  AffineTarget affine{.gain = std::move(backward.gradients.at("vision.pooled"))};
  const std::span<float> gain = affine.gain.row(0);
  affine.additive_term = dot(gain, norm.beta());
  const float inverse_sigma = step.saved[1].values()[0];
  double sum = 0;
  for (std::size_t c = 0; c < gain.size(); ++c) {
    gain[c] *= norm.gamma()[c] * inverse_sigma;
    sum += double(gain[c]);
  }
  affine.mean_contribution = sum * double(step.saved[0].values()[0]);
  return affine;
}

/// The same as in the authors' code, which also distributes additive terms over the tokens: each
/// block's output bias equally over heads and tokens; β and mean of the last layer norm equally
/// over the embedding and all attention layers and MLPs, then over the tokens; the value bias by
/// the attention pattern.
std::vector<double> direct_effects_as_released(ExplanationContext& context, int first) {
  const Record& record = context.recorded().record();
  const AffineTarget affine = affine_target(context);
  const int blocks = block_count(context), heads = head_count(context);
  std::vector<double> tokens(std::size_t(context.patches()) + 1, 0.0);
  const auto count = double(tokens.size());
  for (int block = first; block < blocks; ++block) {
    const std::string scope = block_scope(block);
    const auto& out = static_cast<const Linear&>(*record.step(scope + "attn_out").op);
    const Tensor &pattern = record.at(scope + "pattern"), &v = record.at(scope + "v");
    const Tensor at_z = out.adjoint_product(context.workspace(), affine.gain, WeightPart::kAll);
    const double same =
        dot(affine.gain.row(0), out.bias()) / count +
        (affine.additive_term - affine.mean_contribution) / (2 * blocks + 1) / count;
    const std::size_t width = std::size_t(v.width()) / std::size_t(heads);
    for (std::size_t j = 0; j < tokens.size(); ++j) {
      tokens[j] += same;
      for (std::size_t h = 0; h < std::size_t(heads); ++h) {
        // The class token is the first query; the rows of a head are adjacent.
        const auto row = std::int64_t(h) * (pattern.rows() / heads);
        tokens[j] +=
            double(pattern.row(row)[j]) * dot(at_z.row(0).subspan(h * width, width),
                                              v.row(std::int64_t(j)).subspan(h * width, width));
      }
    }
  }
  return tokens;
}

Attribution head_tokens(ExplanationContext& context, const MethodSettings& settings,
                        const Progress&) {
  const ComponentLedger ledger = component_ledgers(context.recorded(), {&context.target(), 1})[0];
  const int first = std::max(0, block_count(context) - settings.count("layers"));
  const std::vector<double> tokens = settings.word("variant") == "released"
                                         ? direct_effects_as_released(context, first)
                                         : direct_effects(ledger, std::size_t(first));
  return {.patches = patches_of(tokens),
          .elsewhere = ledger.sum - std::accumulate(tokens.begin() + 1, tokens.end(), 0.0),
          .total = context.value(),
          .notes = {}};
}

}  // namespace

std::vector<Method> head_tokens_methods() {
  return {
      {{.name = "head-tokens",
        .family = MethodFamily::kClip,
        .summary = "direct effect of each patch on the target through the attention heads of the "
                   "last blocks",
        .reference =
            "Gandelsman et al., Interpreting CLIP's Image Representation via Text-Based "
            "Decomposition, 2024, eqs. 5 and 6 (sum over all blocks: layers=999); released: biases "
            "and the last layer norm's mean distributed over the tokens, as in the authors' code",
        .cost = "F + one matrix product per block",
        .complete = true,
        .in_logits = true,
        .has_total = true,
        .options = {MethodOption::count("layers", "number of last blocks included", 4, 1, 999),
                    MethodOption::choice(
                        "variant",
                        "biases excluded, or distributed over the tokens as in the authors' code",
                        {"direct", "released"})}},
       head_tokens}};
}

}  // namespace whyclip
