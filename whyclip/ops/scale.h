#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// y = factor · x: the logit scale. in, out: (rows, width).
class Scale final : public Op {
 public:
  explicit Scale(float factor) : factor_(factor) {}
  OpKind kind() const override { return OpKind::kScale; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  float factor() const { return factor_; }

 private:
  float factor_;
};

}  // namespace whyclip
