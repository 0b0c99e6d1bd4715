#include "whyclip/ops/linear.h"

namespace whyclip {

Linear::Linear(std::function<std::vector<float>()> weight, std::int64_t outputs,
               std::int64_t inputs, std::vector<float> bias)
    : weight_(std::move(weight)),
      outputs_(outputs),
      inputs_(inputs),
      bias_(std::move(bias)),
      forward_(weight_().data(), outputs, inputs, bias_.empty() ? nullptr : bias_.data(),
               PackedMatrix::Direction::kForward) {}

const PackedMatrix& Linear::adjoint() const {
  std::call_once(adjoint_once_, [&] {
    adjoint_ = std::make_unique<const PackedMatrix>(weight_().data(), outputs_, inputs_, nullptr,
                                                    PackedMatrix::Direction::kAdjoint);
  });
  return *adjoint_;
}

Tensor Linear::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(in[0]->rows(), outputs_);
  forward_.multiply(in[0]->data(), in[0]->rows(), result.data(), workspace.threads());
  return result;
}

std::vector<Tensor> Linear::vjp(const Workspace& workspace, const Application& application,
                                const Tensor& g) const {
  target_count(g, application.out);
  std::vector<Tensor> results;
  results.push_back(workspace.tensor(g.rows(), inputs_));
  adjoint().multiply(g.data(), g.rows(), results[0].data(), workspace.threads());
  return results;
}

}  // namespace whyclip
