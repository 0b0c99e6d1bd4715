#pragma once

#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// q kᵀ / sqrt(head width), per head. in: q (queries, heads·d), k (keys, heads·d); out:
/// (heads·queries, most keys), in the layout of kernels::AttentionLayout.
class AttentionScores final : public Op {
 public:
  AttentionScores(AttentionMaskPtr mask, std::int64_t heads)
      : mask_(std::move(mask)), heads_(heads) {}
  OpKind kind() const override { return OpKind::kAttentionScores; }
  const AttentionMask& mask() const { return *mask_; }
  std::int64_t heads() const { return heads_; }
  /// 1 / sqrt(head width)
  static float factor(std::int64_t head_width);
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;

 private:
  AttentionMaskPtr mask_;
  std::int64_t heads_;
};

}  // namespace whyclip
