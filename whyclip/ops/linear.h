#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "whyclip/core/matrix.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// All entries of a weight matrix, or only those of one sign.
enum class WeightPart { kAll, kPositive, kNegative };

/// y = x Wᵀ + b. in: (rows, inputs); out: (rows, outputs). b is an additive term.
class Linear final : public Op {
 public:
  /// `weight()` returns W (outputs, inputs), row-major. It is called by the constructor and again
  /// for each further packing (the adjoint is packed on first use), so it must stay valid. `bias`
  /// is (outputs) or empty.
  Linear(std::function<std::vector<float>()> weight, std::int64_t outputs, std::int64_t inputs,
         std::vector<float> bias);
  OpKind kind() const override { return OpKind::kLinear; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  std::span<const float> additive_term(std::int64_t) const override { return bias_; }

  /// x W⁽ᵖ⁾ᵀ without b, for x (rows, inputs), and g W⁽ᵖ⁾ for g (rows, outputs): the building blocks
  /// of rules.
  Tensor product(const Workspace& workspace, const Tensor& x, WeightPart part) const;
  Tensor adjoint_product(const Workspace& workspace, const Tensor& g, WeightPart part) const;

  /// W, (outputs, inputs), row-major, loaded again; and b, (outputs) or empty.
  std::vector<float> weight() const { return weight_(); }
  const std::vector<float>& bias() const { return bias_; }
  std::int64_t outputs() const { return outputs_; }
  std::int64_t inputs() const { return inputs_; }

 private:
  /// Packs on first use: inference needs W in the forward direction only.
  const PackedMatrix& packed(WeightPart part, PackedMatrix::Direction direction) const;

  std::function<std::vector<float>()> weight_;
  std::int64_t outputs_, inputs_;
  std::vector<float> bias_;
  PackedMatrix forward_;

  struct LazyMatrix {
    std::once_flag once;
    std::unique_ptr<const PackedMatrix> matrix;
  };
  mutable std::array<LazyMatrix, 6> lazy_;  // part × direction
};

}  // namespace whyclip
