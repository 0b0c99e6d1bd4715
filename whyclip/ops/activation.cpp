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

Tensor Activation::frozen_jvp(const Workspace& workspace, const Application& application,
                              Inputs shares) const {
  source_count(shares, application.in);
  const Tensor &x = *application.in[0], &share = *shares[0];
  Tensor result = workspace.tensor(share.rows(), share.width());
  kernels::activation_frozen_vjp(function_, share.data(), std::int64_t(share.size()), x.data(),
                                 std::int64_t(x.size()), result.data(), workspace.threads());
  return result;
}

}  // namespace whyclip
