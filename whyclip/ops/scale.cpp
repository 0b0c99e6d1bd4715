#include "whyclip/ops/scale.h"

#include "whyclip/core/row_kernels.h"

namespace whyclip {

Tensor Scale::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(in[0]->rows(), in[0]->width());
  kernels::scale(in[0]->data(), factor_, std::int64_t(result.size()), result.data(),
                 workspace.threads());
  return result;
}

std::vector<Tensor> Scale::vjp(const Workspace& workspace, const OpContext& context,
                               const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  kernels::scale(g.data(), factor_, std::int64_t(g.size()), results[0].data(), workspace.threads());
  return results;
}

Tensor Scale::frozen_jvp(const Workspace& workspace, const OpContext& context,
                         Inputs contributions) const {
  source_count(contributions, context.in);
  return forward(workspace, contributions, nullptr);
}

}  // namespace whyclip
