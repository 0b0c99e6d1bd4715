#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "whyclip/core/matrix.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// y = x Wᵀ + b. in: (rows, inputs); out: (rows, outputs). b is an offset.
class Linear final : public Op {
 public:
  /// `weight()` gives W (outputs, inputs), row-major. It is called now, and once more if the way
  /// back is ever taken (the packing for it is made then), so it must stay valid. `bias` is
  /// (outputs) or empty.
  Linear(std::function<std::vector<float>()> weight, std::int64_t outputs, std::int64_t inputs,
         std::vector<float> bias);
  OpKind kind() const override { return OpKind::kLinear; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* kept) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const Application& application,
                          const Tensor& g) const override;
  std::span<const float> offset(std::int64_t) const override { return bias_; }

  /// W, (outputs, inputs), row-major, read again; and b, (outputs) or empty.
  std::vector<float> weight() const { return weight_(); }
  const std::vector<float>& bias() const { return bias_; }
  std::int64_t outputs() const { return outputs_; }
  std::int64_t inputs() const { return inputs_; }

 private:
  const PackedMatrix& adjoint() const;

  std::function<std::vector<float>()> weight_;
  std::int64_t outputs_, inputs_;
  std::vector<float> bias_;
  PackedMatrix forward_;
  mutable std::once_flag adjoint_once_;
  mutable std::unique_ptr<const PackedMatrix> adjoint_;
};

}  // namespace whyclip
