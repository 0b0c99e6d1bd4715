#pragma once

#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// Pattern times values, per head. in: pattern (heads·queries, most keys), v (keys, heads·d); out:
/// (queries, heads·d).
class AttentionMix final : public Op {
 public:
  AttentionMix(AttentionMaskPtr mask, std::int64_t heads) : mask_(std::move(mask)), heads_(heads) {}
  OpKind kind() const override { return OpKind::kAttentionMix; }
  const AttentionMask& mask() const { return *mask_; }
  std::int64_t heads() const { return heads_; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  /// The pattern is held constant: it gets no gradient.
  std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                 const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  /// Also propagates the contributions of the pattern: Σ_j A_r,ij v_j + A_ij v_r,j.
  Tensor jvp(const Workspace& workspace, const OpContext& context, Inputs contributions) const;

 private:
  Tensor values_vjp(const Workspace& workspace, const OpContext& context, const Tensor& g) const;
  Tensor values_jvp(const Workspace& workspace, const OpContext& context,
                    const Tensor& contribution) const;

  AttentionMaskPtr mask_;
  std::int64_t heads_;
};

}  // namespace whyclip
