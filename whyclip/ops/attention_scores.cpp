#include "whyclip/ops/attention_scores.h"

#include <cmath>

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

std::vector<Tensor> AttentionScores::vjp(const Workspace& workspace, const Application& application,
                                         const Tensor& g) const {
  const Tensor &q = *application.in[0], &k = *application.in[1];
  const std::int64_t targets = target_count(g, application.out), head_width = q.width() / heads_;
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(targets * q.rows(), q.width()));
  results.push_back(workspace.tensor(targets * k.rows(), k.width()));
  for (std::int64_t t = 0; t < targets; ++t) {
    kernels::attention_scores_vjp(mask_->layout(heads_, head_width), q.data(), k.data(),
                                  g.row(t * application.out.rows()).data(), factor(head_width),
                                  k.rows(), results[0].row(t * q.rows()).data(),
                                  results[1].row(t * k.rows()).data(), workspace.threads());
  }
  return results;
}

}  // namespace whyclip
