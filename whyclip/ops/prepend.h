#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// Puts the class token in front of each picture's patches.
/// in: (pictures·n, width); out: (pictures·(n+1), width). The token is an offset.
class Prepend final : public Op {
 public:
  /// `token` is (1, width), `patches` is n.
  Prepend(std::shared_ptr<const Tensor> token, std::int64_t patches)
      : token_(std::move(token)), patches_(patches) {}
  OpKind kind() const override { return OpKind::kPrepend; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* kept) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const Application& application,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const Application& application,
                    Inputs shares) const override;
  /// The token in front of each picture's patches; the patches get none.
  std::span<const float> offset(std::int64_t row) const override {
    if (row % (patches_ + 1) != 0) return {};
    return token_->values();
  }
  std::int64_t patches() const { return patches_; }

 private:
  std::shared_ptr<const Tensor> token_;
  std::int64_t patches_;
};

}  // namespace whyclip
