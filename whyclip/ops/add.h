#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// y = a + b, both (rows, width): the residual stream.
class Add final : public Op {
 public:
  OpKind kind() const override { return OpKind::kAdd; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
};

}  // namespace whyclip
