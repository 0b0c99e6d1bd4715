// TokenTM: attention by how attention and MLP transform each token.

#include <algorithm>
#include <cmath>

#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/subject.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

/// For each token ‖after‖ / ‖before‖ · softmax over the tokens of cos(before, after).
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

/// What a head makes of each token before attention mixes them: v_h W_Oᵀ, without W_O's bias.
Tensor transformed_by_head(const Subject& subject, int block, int head) {
  const Record& record = subject.image().record();
  const auto& out = static_cast<const Linear&>(*record.step(block_scope(block) + "attn_out").op);
  const Tensor& v = record.at(block_scope(block) + "v");
  const std::int64_t width = v.width() / head_count(subject);
  Tensor alone = subject.workspace().zeros(v.rows(), v.width());
  for (std::int64_t t = 0; t < v.rows(); ++t) {
    std::copy_n(v.row(t).begin() + head * width, width, alone.row(t).begin() + head * width);
  }
  return out.product(subject.workspace(), alone, WeightPart::kAll);
}

/// The class token's row of U_L · … · U_1 · diag(‖x_j‖), where a block's U is
/// (I + W_mlp) (I + mean_h (∇A_h)⁺ ⊙ A_h W_h) and x the tokens that the first block reads.
Attribution tokentm(Subject& subject, const MethodSettings&, const Progress& progress) {
  const Record& record = subject.all_rows();
  const int heads = head_count(subject);
  std::vector<double> row = class_row(subject);
  each_pattern_gradient(
      subject, 0, progress, [&](int block, const Tensor& pattern, const Tensor& gradient) {
        const std::string scope = block_scope(block);
        const std::vector<double> of_mlp =
            transformation_weights(record.at(scope + "resid_mid"), record.at(scope + "mlp_out"));
        for (std::size_t j = 0; j < row.size(); ++j) row[j] *= 1 + of_mlp[j];
        std::vector<std::vector<double>> of_head;
        for (int h = 0; h < heads; ++h) {
          of_head.push_back(transformation_weights(record.at(block_input(block)),
                                                   transformed_by_head(subject, block, h)));
        }
        const std::size_t each = pattern.size() / std::size_t(heads), tokens = row.size();
        add_to(row, through_heads(row, pattern, heads, [&](std::size_t place) {
                 return std::max(0.0, double(gradient.data()[place])) *
                        double(pattern.data()[place]) * of_head[place / each][place % tokens];
               }));
      });
  const Tensor& first = record.at(block_input(0));
  for (std::size_t j = 0; j < row.size(); ++j) {
    const float* x = first.row(std::int64_t(j)).data();
    row[j] *= std::sqrt(kernels::dot(x, x, first.width()));
  }
  return {.patches = patches_of(row)};
}

}  // namespace

Method tokentm_method() {
  return {{.name = "tokentm",
           .family = MethodFamily::kAttention,
           .summary = "attention where it raises the target, by how much longer each token becomes "
                      "in attention and MLP and how far it keeps its direction",
           .source = "Wu et al., Token Transformation Matters, 2024; before: the residual stream, "
                     "after: each head's values through the output matrix, and the MLP's output; "
                     "neither the paper's text nor its program was at hand: the formulas are "
                     "those that two public reimplementations agree on",
           .cost = "2 F + B + an output matrix for each head",
           .is_signed = false},
          tokentm};
}

}  // namespace whyclip
