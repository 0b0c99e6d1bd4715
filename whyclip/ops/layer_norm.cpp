#include "whyclip/ops/layer_norm.h"

#include "whyclip/core/row_kernels.h"

namespace whyclip {

Tensor LayerNorm::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* kept) const {
  const Tensor& x = *in[0];
  Tensor result = workspace.tensor(x.rows(), x.width());
  Tensor mean, inverse_sigma;
  if (kept != nullptr) {
    mean = workspace.tensor(x.rows(), 1);
    inverse_sigma = workspace.tensor(x.rows(), 1);
  }
  kernels::layer_norm(x.data(), x.rows(), x.width(), gamma_.data(), beta_.data(), epsilon_,
                      result.data(), {mean.data(), inverse_sigma.data()}, workspace.threads());
  if (kept != nullptr) {
    kept->push_back(std::move(mean));
    kept->push_back(std::move(inverse_sigma));
  }
  return result;
}

std::vector<Tensor> LayerNorm::vjp(const Workspace& workspace, const Application& application,
                                   const Tensor& g) const {
  target_count(g, application.out);
  const Tensor& x = *application.in[0];
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::layer_norm_vjp(g.data(), g.rows(), x.data(), x.rows(), x.width(), gamma_.data(),
                          application.kept[0].data(), application.kept[1].data(), results[0].data(),
                          workspace.threads());
  return results;
}

std::vector<Tensor> LayerNorm::frozen_vjp(const Workspace& workspace,
                                          const Application& application, const Tensor& g) const {
  target_count(g, application.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::layer_norm_frozen_vjp(g.data(), g.rows(), application.out.rows(), g.width(),
                                 gamma_.data(), application.kept[1].data(), results[0].data(),
                                 workspace.threads());
  return results;
}

Tensor LayerNorm::frozen_jvp(const Workspace& workspace, const Application& application,
                             Inputs shares) const {
  source_count(shares, application.in);
  const Tensor& share = *shares[0];
  Tensor result = workspace.tensor(share.rows(), share.width());
  kernels::layer_norm_frozen_jvp(share.data(), share.rows(), application.out.rows(), share.width(),
                                 gamma_.data(), application.kept[1].data(), result.data(),
                                 workspace.threads());
  return result;
}

}  // namespace whyclip
