#include "whyclip/ops/attention_mix.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {

Tensor AttentionMix::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& v = *in[1];
  Tensor result = workspace.tensor(mask_->queries(), v.width());
  kernels::attention_mix(mask_->layout(heads_, v.width() / heads_), in[0]->data(), v.data(),
                         result.data(), workspace.threads());
  return result;
}

Tensor AttentionMix::values_vjp(const Workspace& workspace, const OpContext& context,
                                const Tensor& g) const {
  const Tensor &pattern = *context.in[0], &v = *context.in[1];
  const std::int64_t targets = target_count(g, context.out);
  Tensor result = workspace.tensor(targets * v.rows(), v.width());
  kernels::attention_mix_vjp_values(mask_->layout(heads_, v.width() / heads_), pattern.data(),
                                    g.data(), v.rows(), targets, result.data(),
                                    workspace.threads());
  return result;
}

std::vector<Tensor> AttentionMix::vjp(const Workspace& workspace, const OpContext& context,
                                      const Tensor& g) const {
  const Tensor &pattern = *context.in[0], &v = *context.in[1];
  const std::int64_t targets = target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(targets * pattern.rows(), pattern.width()));
  for (std::int64_t t = 0; t < targets; ++t) {
    kernels::attention_mix_vjp_pattern(
        mask_->layout(heads_, v.width() / heads_), g.row(t * context.out.rows()).data(), v.data(),
        results[0].row(t * pattern.rows()).data(), workspace.threads());
  }
  results.push_back(values_vjp(workspace, context, g));
  return results;
}

std::vector<Tensor> AttentionMix::frozen_vjp(const Workspace& workspace, const OpContext& context,
                                             const Tensor& g) const {
  std::vector<Tensor> results(1);
  results.push_back(values_vjp(workspace, context, g));
  return results;
}

Tensor AttentionMix::values_jvp(const Workspace& workspace, const OpContext& context,
                                const Tensor& contribution) const {
  const Tensor &pattern = *context.in[0], &v = *context.in[1], &out = context.out;
  const std::int64_t sources = contribution.rows() / v.rows();
  Tensor result = workspace.tensor(sources * out.rows(), out.width());
  kernels::attention_mix_each(mask_->layout(heads_, v.width() / heads_), pattern.data(),
                              contribution.data(), v.rows(), sources, result.data(),
                              workspace.threads());
  return result;
}

Tensor AttentionMix::frozen_jvp(const Workspace& workspace, const OpContext& context,
                                Inputs contributions) const {
  if (contributions[1]->empty()) return {};
  source_count(contributions, context.in);
  return values_jvp(workspace, context, *contributions[1]);
}

Tensor AttentionMix::jvp(const Workspace& workspace, const OpContext& context,
                         Inputs contributions) const {
  const std::int64_t sources = source_count(contributions, context.in);
  const Tensor &pattern = *context.in[0], &v = *context.in[1], &out = context.out;
  Tensor result = contributions[1]->empty() ? workspace.zeros(sources * out.rows(), out.width())
                                            : values_jvp(workspace, context, *contributions[1]);
  if (contributions[0]->empty()) return result;
  Tensor part = workspace.tensor(out.rows(), out.width());
  for (std::int64_t s = 0; s < sources; ++s) {
    float* sum = result.row(s * out.rows()).data();
    kernels::attention_mix(mask_->layout(heads_, v.width() / heads_),
                           contributions[0]->row(s * pattern.rows()).data(), v.data(), part.data(),
                           workspace.threads());
    kernels::add(sum, part.data(), std::int64_t(part.size()), sum, workspace.threads());
  }
  return result;
}

}  // namespace whyclip
