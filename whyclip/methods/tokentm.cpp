// TokenTM: attention weighted by the transformation of each token in attention and MLP.

#include <algorithm>
#include <cmath>

#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

/// For each token, ‖after‖ / ‖before‖ · softmax over the tokens of cos(before, after).
std::vector<double> transformation_weights(const Tensor& before, const Tensor& after) {
  const std::int64_t width = before.width();
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t t = 0; t < before.rows(); ++t) {
    const float *x = before.row(t).data(), *y = after.row(t).data();
    const double xx = kernels::dot(x, x, width), yy = kernels::dot(y, y, width),
                 size = std::sqrt(xx) * std::sqrt(yy);
    const double correlation = std::exp(size > 0 ? kernels::dot(x, y, width) / size : 0);
    sum += correlation;
    weights.push_back(size > 0 ? std::sqrt(yy / xx) * correlation : 0);
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// A head's transformation of each token before token mixing: v_h W_Oᵀ, without W_O's bias.
Tensor transformed_by_head(const ExplanationContext& context, int block, int head) {
  const Record& record = context.recorded().record();
  const auto& out = static_cast<const Linear&>(*record.step(block_scope(block) + "attn_out").op);
  const Tensor& v = record.at(block_scope(block) + "v");
  const std::int64_t width = v.width() / head_count(context);
  Tensor alone = context.workspace().zeros(v.rows(), v.width());
  for (std::int64_t t = 0; t < v.rows(); ++t) {
    std::copy_n(v.row(t).begin() + head * width, width, alone.row(t).begin() + head * width);
  }
  return out.product(context.workspace(), alone, WeightPart::kAll);
}

std::vector<double> lengths_of(const Tensor& tokens) {
  std::vector<double> lengths;
  for (std::int64_t t = 0; t < tokens.rows(); ++t) {
    const float* x = tokens.row(t).data();
    lengths.push_back(std::sqrt(kernels::dot(x, x, tokens.width())));
  }
  return lengths;
}

/// (∇A_h)⁺ ⊙ A_h W_h of each head, with weights W_h of the head's transformation of each token; a
/// callback for through_heads.
class AttentionByHeads {
 public:
  AttentionByHeads(const ExplanationContext& context, const Tensor& before, int block,
                   const Tensor& pattern, const Tensor& gradient)
      : pattern_(pattern), gradient_(gradient), tokens_(std::size_t(before.rows())) {
    for (int h = 0; h < head_count(context); ++h) {
      head_weights_.push_back(
          transformation_weights(before, transformed_by_head(context, block, h)));
    }
  }
  double operator()(std::size_t position) const {
    const std::size_t each = pattern_.size() / head_weights_.size();
    return std::max(0.0, double(gradient_.data()[position])) * double(pattern_.data()[position]) *
           head_weights_[position / each][position % tokens_];
  }

 private:
  const Tensor &pattern_, &gradient_;
  std::size_t tokens_;
  std::vector<std::vector<double>> head_weights_;
};

/// Σ_q row[q] · (mean_h (∇A_h)⁺)_qj (mean_h A_h)_qj W_j for each token j: averaged over heads
/// before the multiplication.
std::vector<double> through_mean_head(std::span<const double> row, const Tensor& pattern,
                                      const Tensor& gradient, int heads,
                                      std::span<const double> weights) {
  const std::size_t tokens = row.size();
  std::vector<double> result(tokens, 0.0);
  for (std::size_t q = 0; q < std::size_t(pattern.rows()) / std::size_t(heads); ++q) {
    for (std::size_t j = 0; j < tokens; ++j) {
      double a = 0, g = 0;
      for (int h = 0; h < heads; ++h) {
        const std::size_t position =
            (std::size_t(h) * std::size_t(pattern.rows()) / std::size_t(heads) + q) * tokens + j;
        a += double(pattern.data()[position]) / heads;
        g += std::max(0.0, double(gradient.data()[position])) / heads;
      }
      result[j] += row[q] * g * a * weights[j];
    }
  }
  return result;
}

/// The class token's row of U_L · … · U_1 · diag(‖x_j‖), x the tokens at the first block's input. A
/// block's U is (I + W_mlp)(I + mean_h (∇A_h)⁺ ⊙ A_h W_h) with W of the outputs of head and MLP, or
/// (I + W_mlp)(I + mean_h (∇A_h)⁺ ⊙ (mean_h A_h) W) with W of the residual stream after attention
/// and after the MLP.
Attribution tokentm(ExplanationContext& context, const MethodSettings& settings,
                    const Progress& progress) {
  const bool of_stream = settings.word("variant") == "libragrad";
  const Record& record = context.all_rows();
  const int heads = head_count(context);
  std::vector<double> row = class_row(context);
  each_pattern_gradient(
      context, 0, progress, [&](int block, const Tensor& pattern, const Tensor& gradient) {
        const std::string scope = block_scope(block);
        const Tensor &before = record.at(block_input(block)),
                     &middle = record.at(scope + "resid_mid");
        const std::vector<double> of_mlp = transformation_weights(
            middle, record.at(scope + (of_stream ? "resid_post" : "mlp_out")));
        for (std::size_t j = 0; j < row.size(); ++j) row[j] *= 1 + of_mlp[j];
        add_to(row, of_stream ? through_mean_head(row, pattern, gradient, heads,
                                                  transformation_weights(before, middle))
                              : through_heads(
                                    row, pattern, heads,
                                    AttentionByHeads(context, before, block, pattern, gradient)));
      });
  const std::vector<double> lengths = lengths_of(record.at(block_input(0)));
  for (std::size_t j = 0; j < row.size(); ++j) row[j] *= lengths[j];
  return {.patches = patches_of(row)};
}

}  // namespace

std::vector<Method> tokentm_methods() {
  return {
      {{.name = "tokentm",
        .family = MethodFamily::kAttention,
        .summary = "positive gradient × attention, weighted by each token's change of norm and "
                   "direction in attention and MLP",
        .reference =
            "Wu et al., Token Transformation Matters, 2024; no code of the authors was found, "
            "the equations follow public descriptions. variant=heads: pattern, gradient and "
            "weights per head; weights from the output of the head (values times output matrix) "
            "or of the MLP, because the identity represents the skip connection. libragrad: as "
            "in the code of LibraGrad (Mehri et al. 2025), the only public one: pattern and "
            "positive gradient averaged over the heads before the multiplication; weights from "
            "the residual stream after attention and after the MLP",
        .cost = "2 F + B + one output matrix product per head",
        .is_signed = false,
        .options = {MethodOption::choice(
            "variant", "weights per head, or from the residual stream for the mean over heads",
            {"heads", "libragrad"})}},
       tokentm}};
}

}  // namespace whyclip
