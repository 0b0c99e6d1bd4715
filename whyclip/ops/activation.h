#pragma once

#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/op.h"

namespace whyclip {

using kernels::ActivationKind;

/// y = u · gate(u), elementwise; gate is σ(1.702 u) (QuickGELU), Φ(u) (GELU), or the tanh
/// approximation of Φ(u). in, out: (rows, width).
class Activation final : public Op {
 public:
  explicit Activation(ActivationKind function) : function_(function) {}
  OpKind kind() const override { return OpKind::kActivation; }
  ActivationKind function() const { return function_; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  /// g · gate(u)
  std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;

 private:
  ActivationKind function_;
};

}  // namespace whyclip
