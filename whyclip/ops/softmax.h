#pragma once

#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// Softmax of the scores over each query's keys. in, out: (heads·queries, most keys).
class Softmax final : public Op {
 public:
  Softmax(AttentionMaskPtr mask, std::int64_t heads) : mask_(std::move(mask)), heads_(heads) {}
  OpKind kind() const override { return OpKind::kSoftmax; }
  const AttentionMask& mask() const { return *mask_; }
  std::int64_t heads() const { return heads_; }
  /// Number of keys of a row of scores; they are its first values.
  std::int64_t keys_of_row(std::int64_t row) const { return mask_->keys_of_score_row(row, heads_); }
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
