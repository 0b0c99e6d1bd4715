#include "whyclip/ops/layer_norm.h"

#include "whyclip/core/row_kernels.h"

namespace whyclip {

Tensor LayerNorm::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const {
  const Tensor& x = *in[0];
  Tensor result = workspace.tensor(x.rows(), x.width());
  Tensor mean, inverse_sigma;
  if (saved != nullptr) {
    mean = workspace.tensor(x.rows(), 1);
    inverse_sigma = workspace.tensor(x.rows(), 1);
  }
  kernels::layer_norm(x.data(), x.rows(), x.width(), gamma_.data(), beta_.data(), epsilon_,
                      result.data(), {mean.data(), inverse_sigma.data()}, workspace.threads());
  if (saved != nullptr) {
    saved->push_back(std::move(mean));
    saved->push_back(std::move(inverse_sigma));
  }
  return result;
}

std::vector<Tensor> LayerNorm::vjp(const Workspace& workspace, const OpContext& context,
                                   const Tensor& g) const {
  target_count(g, context.out);
  const Tensor& x = *context.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::layer_norm_vjp(g.data(), g.rows(), x.data(), x.rows(), x.width(), gamma_.data(),
                          context.saved[0].data(), context.saved[1].data(), results[0].data(),
                          workspace.threads());
  return results;
}

std::vector<Tensor> LayerNorm::frozen_vjp(const Workspace& workspace, const OpContext& context,
                                          const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::layer_norm_frozen_vjp(g.data(), g.rows(), context.out.rows(), g.width(), gamma_.data(),
                                 context.saved[1].data(), results[0].data(), workspace.threads());
  return results;
}

Tensor LayerNorm::frozen_jvp(const Workspace& workspace, const OpContext& context,
                             Inputs contributions) const {
  source_count(contributions, context.in);
  const Tensor& contribution = *contributions[0];
  Tensor result = workspace.tensor(contribution.rows(), contribution.width());
  kernels::layer_norm_frozen_jvp(contribution.data(), contribution.rows(), context.out.rows(),
                                 contribution.width(), gamma_.data(), context.saved[1].data(),
                                 result.data(), workspace.threads());
  return result;
}

}  // namespace whyclip
