#include "whyclip/ops/attention_scores.h"

#include <cmath>
#include "whyclip/core/row_kernels.h"

namespace whyclip {
float AttentionScores::factor(std::int64_t head_width) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_width)));
}

Tensor AttentionScores::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const std::int64_t head_width = in[0]->width() / heads_;
  Tensor scores = workspace.tensor(mask_->score_rows(heads_), mask_->most_keys());
  kernels::attention_scores(mask_->layout(heads_, head_width), in[0]->data(), in[1]->data(),
                            factor(head_width), scores.data(), workspace.threads());
  return scores;
}

std::vector<Tensor> AttentionScores::vjp(const Workspace& workspace, const OpContext& context,
                                         const Tensor& g) const {
  const Tensor &q = *context.in[0], &k = *context.in[1];
  const std::int64_t targets = target_count(g, context.out), head_width = q.width() / heads_;
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(targets * q.rows(), q.width()));
  results.push_back(workspace.tensor(targets * k.rows(), k.width()));
  for (std::int64_t t = 0; t < targets; ++t) {
    kernels::attention_scores_vjp(mask_->layout(heads_, head_width), q.data(), k.data(),
                                  g.row(t * context.out.rows()).data(), factor(head_width),
                                  k.rows(), results[0].row(t * q.rows()).data(),
                                  results[1].row(t * k.rows()).data(), workspace.threads());
  }
  return results;
}

Tensor AttentionScores::frozen_jvp(const Workspace& workspace, const OpContext& context,
                                   Inputs contributions) const {
  const Tensor &q = *context.in[0], &k = *context.in[1], &out = context.out;
  const std::int64_t sources = source_count(contributions, context.in);
  const kernels::AttentionLayout layout = mask_->layout(heads_, q.width() / heads_);
  const float scale = factor(q.width() / heads_);
  Tensor result = workspace.zeros(sources * out.rows(), out.width());
  Tensor part = workspace.tensor(out.rows(), out.width());
  for (std::int64_t s = 0; s < sources; ++s) {
    float* sum = result.row(s * out.rows()).data();
    for (int input = 0; input < 2; ++input) {
      const Tensor& contribution = *contributions[std::size_t(input)];
      if (contribution.empty()) continue;
      const float* left = input == 0 ? contribution.row(s * q.rows()).data() : q.data();
      const float* right = input == 1 ? contribution.row(s * k.rows()).data() : k.data();
      kernels::attention_scores(layout, left, right, scale, part.data(), workspace.threads());
      kernels::add(sum, part.data(), std::int64_t(part.size()), sum, workspace.threads());
    }
  }
  return result;
}

}  // namespace whyclip
