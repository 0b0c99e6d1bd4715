#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// y = x / ‖x‖ per row. in, out: (rows, width). Saves 1/‖x‖, (rows, 1).
class Normalise final : public Op {
 public:
  OpKind kind() const override { return OpKind::kNormalise; }
  /// Throws Error if a row is zero.
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  /// ‖x‖ is constant.
  std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
};

/// 1/‖x‖, accumulated in double. Throws Error if x is zero or not finite.
float inverse_norm(std::span<const float> x);

}  // namespace whyclip
