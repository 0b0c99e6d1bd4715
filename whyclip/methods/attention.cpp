// Attention of the class token: raw patterns, rollout over the blocks, and gradient-weighted
// attention.

#include <algorithm>
#include <cmath>

#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/input_gradients.h"
#include "whyclip/methods/prompt_blocks.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

const Tensor& pattern_of(ExplanationContext& context, int block) {
  return context.recorded().record().at(block_scope(block) + "pattern");
}

Attribution raw_attention(ExplanationContext& context, const MethodSettings& settings,
                          const Progress&) {
  const Tensor& pattern = pattern_of(context, block_of(context, settings, "layer"));
  return {.patches = patches_of(through_heads(
              class_row(context), pattern, head_count(context),
              [&](std::size_t position) { return double(pattern.data()[position]); }))};
}

/// The class token's row of Â_L · … · Â_start, Â = rownorm(mean_h A + I). The rows of a softmax add
/// up to 1, so rownorm is a division by 2.
Attribution attention_rollout(ExplanationContext& context, const MethodSettings& settings,
                              const Progress&) {
  std::vector<double> row = class_row(context);
  for (int block = block_count(context) - 1; block >= block_of(context, settings, "start");
       --block) {
    const Tensor& pattern = pattern_of(context, block);
    add_to(row, through_heads(row, pattern, head_count(context), [&](std::size_t position) {
             return double(pattern.data()[position]);
           }));
    for (double& value : row) value /= 2;
  }
  return {.patches = patches_of(row)};
}

/// The class token's row of R, R ← R + mean_h (∇A ⊙ A)⁺ R from the first block to the last.
/// Computed from the last block to the first, as products of a row and matrices.
Attribution gae(ExplanationContext& context, const MethodSettings& settings,
                const Progress& progress) {
  std::vector<double> row = class_row(context);
  each_pattern_gradient(
      context, block_of(context, settings, "start"), progress,
      [&](int, const Tensor& pattern, const Tensor& gradient) {
        add_to(row, through_heads(row, pattern, head_count(context), [&](std::size_t position) {
                 return std::max(
                     0.0, double(pattern.data()[position]) * double(gradient.data()[position]));
               }));
      });
  return {.patches = patches_of(row)};
}

/// The row of the end-of-text token in the identity.
std::vector<double> last_row(const PromptContext& prompt) {
  std::vector<double> row(std::size_t(prompt.tokens()), 0.0);
  row.back() = 1;
  return row;
}

std::vector<double> mixed(std::span<const double> row, const PromptContext& prompt, int block) {
  const Tensor& pattern = pattern_of(prompt, block);
  return through_heads_of_prompt(row, pattern, head_count(prompt), [&](std::size_t position) {
    return double(pattern.data()[position]);
  });
}

WordAttribution raw_attention_of_words(PromptContext& prompt, const MethodSettings& settings,
                                       const Progress&) {
  const int block = block_of(prompt, settings, "layer");
  return {.words = by_words(prompt, mixed(last_row(prompt), prompt, block))};
}

WordAttribution rollout_of_words(PromptContext& prompt, const MethodSettings& settings,
                                 const Progress&) {
  std::vector<double> row = last_row(prompt);
  for (int block = block_count(prompt) - 1; block >= block_of(prompt, settings, "start"); --block) {
    add_to(row, mixed(row, prompt, block));
    for (double& value : row) value /= 2;
  }
  return {.words = by_words(prompt, row)};
}

WordAttribution gae_of_words(PromptContext& prompt, const MethodSettings& settings,
                             const Progress& progress) {
  std::vector<double> row = last_row(prompt);
  each_pattern_gradient(
      prompt, block_of(prompt, settings, "start"), progress,
      [&](int, const Tensor& pattern, const Tensor& gradient) {
        const float *a = pattern.data(), *g = gradient.data();
        add_to(row, through_heads_of_prompt(row, pattern, head_count(prompt), [&](std::size_t i) {
                 return std::max(0.0, double(a[i]) * double(g[i]));
               }));
      });
  return {.words = by_words(prompt, row)};
}

/// The tokens whose values token perception measures.
enum class ValuesOf {
  kBlockInput,      ///< the block's input: the paper, and the authors' code for ViT
  kAfterAttention,  ///< the residual stream after the block's attention: their code for CLIP
};

/// A block's values W_V ln1(x) + b_V of tokens x, (rows, width).
Tensor values_of(const ExplanationContext& context, int block, const Tensor& tokens) {
  const Record& record = context.recorded().record();
  const auto after = [&](const char* point, const Tensor& input) {
    const Tensor* const in[] = {&input};
    return record.step(block_scope(block) + point).op->forward(context.workspace(), in, nullptr);
  };
  return after("v", after("ln1", tokens));
}

/// ‖W_O v_j‖ / ‖x_j‖ of each token, where x is the residual stream at the block's input.
std::vector<double> value_ratios(ExplanationContext& context, int block, ValuesOf values_from) {
  const Record& record = context.recorded().record();
  const std::string scope = block_scope(block);
  const auto& out = static_cast<const Linear&>(*record.step(scope + "attn_out").op);
  const auto through_out = [&](const Tensor& v) {
    return out.product(context.workspace(), v, WeightPart::kAll);
  };
  const Tensor values =
      values_from == ValuesOf::kBlockInput
          ? through_out(record.at(scope + "v"))
          : through_out(values_of(context, block, context.all_rows().at(scope + "resid_mid")));
  const Tensor& stream = record.at(block_input(block));
  std::vector<double> ratios;
  for (std::int64_t j = 0; j < stream.rows(); ++j) {
    const float *v = values.row(j).data(), *x = stream.row(j).data();
    ratios.push_back(
        std::sqrt(kernels::dot(v, v, values.width()) / kernels::dot(x, x, stream.width())));
  }
  return ratios;
}

/// The class token's row of R ← R + mean_h A diag(‖W_O v‖/‖x‖) R.
std::vector<double> perception_by_tokens(ExplanationContext& context, int start,
                                         ValuesOf values_from) {
  std::vector<double> row = class_row(context);
  for (int block = block_count(context) - 1; block >= start; --block) {
    const Tensor& pattern = pattern_of(context, block);
    std::vector<double> mixed =
        through_heads(row, pattern, head_count(context),
                      [&](std::size_t position) { return double(pattern.data()[position]); });
    const std::vector<double> ratios = value_ratios(context, block, values_from);
    for (std::size_t j = 0; j < mixed.size(); ++j) mixed[j] *= ratios[j];
    add_to(row, mixed);
  }
  return row;
}

/// For each head, the sum of the entries of |A_hᵀ ∇A_h|, divided by the sum over all heads.
std::vector<double> head_weights(const Tensor& pattern, const Tensor& gradient, int heads) {
  const std::int64_t queries = pattern.rows() / heads, tokens = pattern.width();
  std::vector<double> weights, sums(std::size_t(tokens), 0.0);
  double total = 0;
  for (int h = 0; h < heads; ++h) {
    double size = 0;
    for (std::int64_t i = 0; i < tokens; ++i) {
      std::ranges::fill(sums, 0.0);
      for (std::int64_t q = h * queries; q < (h + 1) * queries; ++q) {
        const double a = pattern.row(q)[std::size_t(i)];
        for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += a * double(gradient.row(q)[j]);
      }
      for (const double sum : sums) size += std::abs(sum);
    }
    weights.push_back(size);
    total += size;
  }
  for (double& weight : weights) weight = total > 0 ? weight / total : 1.0 / heads;
  return weights;
}

/// The class token's row of R ← R + Σ_h I_h A_h R.
std::vector<double> perception_by_heads(ExplanationContext& context, int start,
                                        const Progress& progress) {
  std::vector<double> row = class_row(context);
  const int heads = head_count(context);
  each_pattern_gradient(
      context, start, progress, [&](int, const Tensor& pattern, const Tensor& gradient) {
        const std::vector<double> weights = head_weights(pattern, gradient, heads);
        const std::size_t each = pattern.size() / std::size_t(heads);
        add_to(row, through_heads(row, pattern, heads, [&](std::size_t position) {
                 return heads * weights[position / each] * double(pattern.data()[position]);
               }));
      });
  return row;
}

/// mean_h of the positive part of the mean over α of ∂S/∂A in the class token's row of the last
/// block, with the pixels scaled by α = 0 … 1 in equal steps, ends included.
std::vector<double> reasoning_feedback(ExplanationContext& context, int steps,
                                       const Progress& progress) {
  const InputSpace space(context, "pixels");
  const int heads = head_count(context);
  const std::size_t tokens = std::size_t(context.patches()) + 1;
  std::vector<double> mean(std::size_t(heads) * tokens, 0.0), row(tokens, 0.0);
  space.each_gradient(
      steps,
      [&](int step, std::span<float> input) {
        const double alpha = double(step) / (steps - 1);
        for (std::size_t i = 0; i < input.size(); ++i) {
          input[i] = float(alpha * double(space.image()[i]));
        }
      },
      [&](int, double, std::span<const float> gradient) {
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += double(gradient[i]) / steps;
      },
      "gradients of the last pattern", progress, block_scope(block_count(context) - 1) + "pattern");
  for (std::size_t i = 0; i < mean.size(); ++i) row[i % tokens] += std::max(0.0, mean[i]) / heads;
  return row;
}

Attribution beyond_intuition(ExplanationContext& context, const MethodSettings& settings,
                             const Progress& progress) {
  const int start = std::max(0, block_count(context) - settings.count("last"));
  const std::string& perception = settings.word("perception");
  std::vector<double> row =
      perception == "head"
          ? perception_by_heads(context, start, progress)
          : perception_by_tokens(
                context, start,
                perception == "token-clip" ? ValuesOf::kAfterAttention : ValuesOf::kBlockInput);
  const std::vector<double> feedback =
      reasoning_feedback(context, settings.count("steps"), progress);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] *= feedback[j];
  return {.patches = patches_of(row)};
}

}  // namespace

std::vector<Method> attention_methods() {
  return {
      {{.name = "raw-attention",
        .family = MethodFamily::kAttention,
        .summary =
            "attention of the class token in one block, mean over the heads; target-independent",
        .reference = "Vaswani et al., Attention Is All You Need, 2017, eq. 1",
        .cost = "F",
        .is_signed = false,
        .options = {block_option("layer", "block", -1)}},
       raw_attention,
       raw_attention_of_words},
      {{.name = "rollout",
        .family = MethodFamily::kAttention,
        .summary = "attention with an equally weighted skip connection, multiplied over the "
                   "blocks; target-independent",
        .reference = "Abnar and Zuidema, Quantifying Attention Flow in Transformers, 2020, eq. 1",
        .cost = "F",
        .is_signed = false,
        .options = {block_option("start", "first block included", 0)}},
       attention_rollout,
       rollout_of_words},
      {{.name = "gae",
        .family = MethodFamily::kAttention,
        .summary = "positive part of gradient × attention, accumulated over the blocks",
        .reference = "Chefer et al., Generic Attention-model Explainability, 2021, eqs. 5 and 6; "
                     "the authors' code for CLIP starts in the last block: start=-1",
        .cost = "F + B",
        .is_signed = false,
        .options = {block_option("start", "first block included", 0)}},
       gae,
       gae_of_words},
      {{.name = "beyond-intuition",
        .family = MethodFamily::kAttention,
        .summary = "attention perception (attention weighted by value norms or by heads) × "
                   "reasoning feedback (path-averaged gradient of the last attention pattern)",
        .reference = "Chen et al., Beyond Intuition: Rethinking Token Attributions inside "
                     "Transformers, 2023. perception=token: the authors' code for ViT, values of "
                     "the block's input; token-clip: their code for CLIP, values of the tokens "
                     "after attention; head: both codes. Blocks as in the code for CLIP: the last "
                     "3 of 12; for heads the last one (last=1)",
        .cost = "F + steps · (F + B); token-clip: + F",
        .is_signed = false,
        .options = {MethodOption::choice("perception", "weighting of the attention",
                                         {"token", "token-clip", "head"}),
                    MethodOption::count("last", "number of last blocks included", 3, 1, 999),
                    MethodOption::count("steps", "steps of the integration path", 20, 2, 1000)
                        .with_quick("5")}},
       beyond_intuition},
  };
}

}  // namespace whyclip
