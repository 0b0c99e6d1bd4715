#include "whyclip/ops/attention_mix.h"

namespace whyclip {

Tensor AttentionMix::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& v = *in[1];
  Tensor result = workspace.tensor(mask_->queries(), v.width());
  kernels::attention_mix(mask_->layout(heads_, v.width() / heads_), in[0]->data(), v.data(),
                         result.data(), workspace.threads());
  return result;
}

Tensor AttentionMix::values_vjp(const Workspace& workspace, const Application& application,
                                const Tensor& g) const {
  const Tensor &pattern = *application.in[0], &v = *application.in[1];
  const std::int64_t targets = target_count(g, application.out);
  Tensor result = workspace.tensor(targets * v.rows(), v.width());
  for (std::int64_t t = 0; t < targets; ++t) {
    kernels::attention_mix_vjp_values(mask_->layout(heads_, v.width() / heads_), pattern.data(),
                                      g.row(t * application.out.rows()).data(), v.rows(),
                                      result.row(t * v.rows()).data(), workspace.threads());
  }
  return result;
}

std::vector<Tensor> AttentionMix::vjp(const Workspace& workspace, const Application& application,
                                      const Tensor& g) const {
  const Tensor &pattern = *application.in[0], &v = *application.in[1];
  const std::int64_t targets = target_count(g, application.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(targets * pattern.rows(), pattern.width()));
  for (std::int64_t t = 0; t < targets; ++t) {
    kernels::attention_mix_vjp_pattern(
        mask_->layout(heads_, v.width() / heads_), g.row(t * application.out.rows()).data(),
        v.data(), results[0].row(t * pattern.rows()).data(), workspace.threads());
  }
  results.push_back(values_vjp(workspace, application, g));
  return results;
}

std::vector<Tensor> AttentionMix::frozen_vjp(const Workspace& workspace,
                                             const Application& application,
                                             const Tensor& g) const {
  std::vector<Tensor> results(1);
  results.push_back(values_vjp(workspace, application, g));
  return results;
}

}  // namespace whyclip
