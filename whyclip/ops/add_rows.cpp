#include "whyclip/ops/add_rows.h"

#include <algorithm>

#include "whyclip/core/row_kernels.h"

namespace whyclip {

Tensor AddRows::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& x = *in[0];
  Tensor result = workspace.tensor(x.rows(), x.width());
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    kernels::add(x.row(r).data(), additive_term(r).data(), x.width(), result.row(r).data(), 1);
  }
  return result;
}

std::vector<Tensor> AddRows::vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  std::copy_n(g.data(), g.size(), results[0].data());
  return results;
}

Tensor AddRows::frozen_jvp(const Workspace& workspace, const OpContext& context,
                           Inputs contributions) const {
  source_count(contributions, context.in);
  Tensor result = workspace.tensor(contributions[0]->rows(), contributions[0]->width());
  std::copy_n(contributions[0]->data(), result.size(), result.data());
  return result;
}

}  // namespace whyclip
