#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// Prepends the class token to each image's patches. in: (images·n, width); out: (images·(n+1),
/// width). The token is an additive term.
class Prepend final : public Op {
 public:
  /// `token` is (1, width), `patches` is n.
  Prepend(std::shared_ptr<const Tensor> token, std::int64_t patches)
      : token_(std::move(token)), patches_(patches) {}
  OpKind kind() const override { return OpKind::kPrepend; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  /// The class token for its row of each image; empty for the patches.
  std::span<const float> additive_term(std::int64_t row) const override {
    if (row % (patches_ + 1) != 0) return {};
    return token_->values();
  }
  std::int64_t patches() const { return patches_; }

 private:
  std::shared_ptr<const Tensor> token_;
  std::int64_t patches_;
};

}  // namespace whyclip
