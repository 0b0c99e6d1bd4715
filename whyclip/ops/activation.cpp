#include "whyclip/ops/activation.h"

namespace whyclip {

Tensor Activation::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(in[0]->rows(), in[0]->width());
  kernels::activation(function_, in[0]->data(), std::int64_t(result.size()), result.data(),
                      workspace.threads());
  return result;
}

std::vector<Tensor> Activation::vjp(const Workspace& workspace, const Application& application,
                                    const Tensor& g) const {
  target_count(g, application.out);
  const Tensor& x = *application.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::activation_vjp(function_, g.data(), std::int64_t(g.size()), x.data(),
                          std::int64_t(x.size()), results[0].data(), workspace.threads());
  return results;
}

std::vector<Tensor> Activation::frozen_vjp(const Workspace& workspace,
                                           const Application& application, const Tensor& g) const {
  target_count(g, application.out);
  const Tensor& x = *application.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::activation_frozen_vjp(function_, g.data(), std::int64_t(g.size()), x.data(),
                                 std::int64_t(x.size()), results[0].data(), workspace.threads());
  return results;
}

}  // namespace whyclip
