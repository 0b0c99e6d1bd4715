#include "whyclip/ops/normalise.h"

#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {

float inverse_norm(std::span<const float> x) {
  const double square = kernels::dot(x.data(), x.data(), std::int64_t(x.size()));
  if (!(square > 0) || !std::isfinite(square)) {
    throw Error("embedding", "its norm is zero or not finite, so it has no direction");
  }
  return static_cast<float>(1.0 / std::sqrt(square));
}

Tensor Normalise::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const {
  const Tensor& x = *in[0];
  Tensor result = workspace.tensor(x.rows(), x.width());
  Tensor inverse = workspace.tensor(x.rows(), 1);
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    inverse.data()[r] = inverse_norm(x.row(r));
    kernels::scale(x.row(r).data(), inverse.data()[r], x.width(), result.row(r).data(), 1);
  }
  if (saved != nullptr) saved->push_back(std::move(inverse));
  return result;
}

std::vector<Tensor> Normalise::vjp(const Workspace& workspace, const OpContext& context,
                                   const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  for (std::int64_t r = 0; r < g.rows(); ++r) {
    const std::int64_t row = r % context.out.rows();
    const std::span<const float> y = context.out.row(row);
    const double along = kernels::dot(g.row(r).data(), y.data(), g.width());
    const double inverse = context.saved[0].data()[row];
    for (std::int64_t i = 0; i < g.width(); ++i) {
      const double across = double(g.row(r)[std::size_t(i)]) - along * double(y[std::size_t(i)]);
      results[0].row(r)[std::size_t(i)] = static_cast<float>(across * inverse);
    }
  }
  return results;
}

std::vector<Tensor> Normalise::frozen_vjp(const Workspace& workspace, const OpContext& context,
                                          const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), g.width()));
  for (std::int64_t r = 0; r < g.rows(); ++r) {
    const float inverse = context.saved[0].data()[r % context.out.rows()];
    kernels::scale(g.row(r).data(), inverse, g.width(), results[0].row(r).data(), 1);
  }
  return results;
}

Tensor Normalise::frozen_jvp(const Workspace& workspace, const OpContext& context,
                             Inputs contributions) const {
  source_count(contributions, context.in);
  return std::move(frozen_vjp(workspace, context, *contributions[0])[0]);  // a factor a row
}

}  // namespace whyclip
