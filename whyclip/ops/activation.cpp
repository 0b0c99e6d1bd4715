#include "whyclip/ops/activation.h"

namespace whyclip {

Tensor Activation::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(in[0]->rows(), in[0]->width());
  kernels::activation(function_, in[0]->data(), std::int64_t(result.size()), result.data(),
                      workspace.threads());
  return result;
}

std::vector<Tensor> Activation::vjp(const Workspace& workspace, const OpContext& context,
                                    const Tensor& g) const {
  target_count(g, context.out);
  const Tensor& x = *context.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::activation_vjp(function_, g.data(), std::int64_t(g.size()), x.data(),
                          std::int64_t(x.size()), results[0].data(), workspace.threads());
  return results;
}

std::vector<Tensor> Activation::frozen_vjp(const Workspace& workspace, const OpContext& context,
                                           const Tensor& g) const {
  target_count(g, context.out);
  const Tensor& x = *context.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::activation_frozen_vjp(function_, g.data(), std::int64_t(g.size()), x.data(),
                                 std::int64_t(x.size()), results[0].data(), workspace.threads());
  return results;
}

Tensor Activation::frozen_jvp(const Workspace& workspace, const OpContext& context,
                              Inputs contributions) const {
  source_count(contributions, context.in);
  const Tensor &x = *context.in[0], &contribution = *contributions[0];
  Tensor result = workspace.tensor(contribution.rows(), contribution.width());
  kernels::activation_frozen_vjp(function_, contribution.data(), std::int64_t(contribution.size()),
                                 x.data(), std::int64_t(x.size()), result.data(),
                                 workspace.threads());
  return result;
}

}  // namespace whyclip
