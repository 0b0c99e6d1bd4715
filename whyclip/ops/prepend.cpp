#include "whyclip/ops/prepend.h"

#include <algorithm>

namespace whyclip {

Tensor Prepend::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& x = *in[0];
  const std::int64_t images = x.rows() / patches_;
  Tensor result = workspace.tensor(images * (patches_ + 1), x.width());
  for (std::int64_t p = 0; p < images; ++p) {
    float* out = result.row(p * (patches_ + 1)).data();
    std::copy_n(token_->data(), x.width(), out);
    std::copy_n(x.row(p * patches_).data(), patches_ * x.width(), out + x.width());
  }
  return result;
}

std::vector<Tensor> Prepend::vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const {
  target_count(g, context.out);
  const std::int64_t images = g.rows() / (patches_ + 1);
  Tensor result = workspace.tensor(images * patches_, g.width());
  for (std::int64_t p = 0; p < images; ++p) {
    std::copy_n(g.row(p * (patches_ + 1) + 1).data(), patches_ * g.width(),
                result.row(p * patches_).data());
  }
  std::vector<Tensor> results;
  results.push_back(std::move(result));
  return results;
}

Tensor Prepend::frozen_jvp(const Workspace& workspace, const OpContext& context,
                           Inputs contributions) const {
  source_count(contributions, context.in);
  Tensor result = forward(workspace, contributions, nullptr);
  for (std::int64_t r = 0; r < result.rows(); r += patches_ + 1) {
    std::ranges::fill(result.row(r), 0.0f);
  }
  return result;
}

}  // namespace whyclip
