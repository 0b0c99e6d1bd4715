#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// y = γ · (x − mean(x)) / sqrt(variance(x) + ε) + β, per row (Ba et al. 2016). in, out: (rows,
/// width). β is an additive term. Saves mean and 1/σ, (rows, 1) each.
class LayerNorm final : public Op {
 public:
  /// γ and β are (width).
  LayerNorm(std::vector<float> gamma, std::vector<float> beta, float epsilon)
      : gamma_(std::move(gamma)), beta_(std::move(beta)), epsilon_(epsilon) {}
  OpKind kind() const override { return OpKind::kLayerNorm; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  /// 1/σ is constant; the mean depends on x.
  std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  std::span<const float> additive_term(std::int64_t) const override { return beta_; }

  const std::vector<float>& gamma() const { return gamma_; }
  const std::vector<float>& beta() const { return beta_; }
  float epsilon() const { return epsilon_; }

 private:
  std::vector<float> gamma_, beta_;
  float epsilon_;
};

}  // namespace whyclip
