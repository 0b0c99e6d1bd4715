#include "whyclip/ops/softmax.h"

namespace whyclip {

// The head width is not used here.
Tensor Softmax::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor pattern = workspace.tensor(in[0]->rows(), in[0]->width());
  kernels::attention_softmax(mask_->layout(heads_, 1), in[0]->data(), pattern.data(),
                             workspace.threads());
  return pattern;
}

std::vector<Tensor> Softmax::vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const {
  const std::int64_t targets = target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  for (std::int64_t t = 0; t < targets; ++t) {
    const std::int64_t row = t * context.out.rows();
    kernels::attention_softmax_vjp(mask_->layout(heads_, 1), context.out.data(), g.row(row).data(),
                                   results[0].row(row).data(), workspace.threads());
  }
  return results;
}

Tensor Softmax::frozen_jvp(const Workspace& workspace, const OpContext& context,
                           Inputs contributions) const {
  source_count(contributions, context.in);
  return std::move(vjp(workspace, context, *contributions[0])[0]);  // the derivative is symmetric
}

}  // namespace whyclip
