#include "whyclip/ops/linear.h"

#include <algorithm>

namespace whyclip {

Linear::Linear(std::function<std::vector<float>()> weight, std::int64_t outputs,
               std::int64_t inputs, std::vector<float> bias)
    : weight_(std::move(weight)),
      outputs_(outputs),
      inputs_(inputs),
      bias_(std::move(bias)),
      forward_(weight_().data(), outputs, inputs, bias_.empty() ? nullptr : bias_.data(),
               PackedMatrix::Direction::kForward) {}

const PackedMatrix& Linear::packed(WeightPart part, PackedMatrix::Direction direction) const {
  const bool adjoint = direction == PackedMatrix::Direction::kAdjoint;
  if (part == WeightPart::kAll && !adjoint) return forward_;
  LazyMatrix& lazy = lazy_[2 * std::size_t(part) + (adjoint ? 1 : 0)];
  std::call_once(lazy.once, [&] {
    std::vector<float> weight = weight_();
    if (part != WeightPart::kAll) {
      for (float& w : weight)
        w = part == WeightPart::kPositive ? std::max(w, 0.0f) : std::min(w, 0.0f);
    }
    lazy.matrix =
        std::make_unique<const PackedMatrix>(weight.data(), outputs_, inputs_, nullptr, direction);
  });
  return *lazy.matrix;
}

Tensor Linear::product(const Workspace& workspace, const Tensor& x, WeightPart part) const {
  Tensor result = workspace.tensor(x.rows(), outputs_);
  packed(part, PackedMatrix::Direction::kForward)
      .multiply_without_bias(x.data(), x.rows(), result.data(), workspace.threads());
  return result;
}

Tensor Linear::adjoint_product(const Workspace& workspace, const Tensor& g, WeightPart part) const {
  Tensor result = workspace.tensor(g.rows(), inputs_);
  packed(part, PackedMatrix::Direction::kAdjoint)
      .multiply_without_bias(g.data(), g.rows(), result.data(), workspace.threads());
  return result;
}

Tensor Linear::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(in[0]->rows(), outputs_);
  forward_.multiply(in[0]->data(), in[0]->rows(), result.data(), workspace.threads());
  return result;
}

std::vector<Tensor> Linear::vjp(const Workspace& workspace, const OpContext& context,
                                const Tensor& g) const {
  target_count(g, context.out);
  std::vector<Tensor> results;
  results.push_back(adjoint_product(workspace, g, WeightPart::kAll));
  return results;
}

Tensor Linear::frozen_jvp(const Workspace& workspace, const OpContext& context,
                          Inputs contributions) const {
  source_count(contributions, context.in);
  return product(workspace, *contributions[0], WeightPart::kAll);
}

}  // namespace whyclip
