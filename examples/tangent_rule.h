#pragma once

#include <string>
#include <utility>
#include <vector>

#include "whyclip/extend.h"
#include "whyclip/whyclip.h"

/// Replaces an activation by its tangent at this image's u (first-order Taylor expansion):
///   φ(u) = φ′(u) · u + (φ(u) − φ′(u) · u).
/// A contribution u_r becomes φ′(u) · u_r; the term in brackets is the additive term. For the op
/// activation only.
class TangentRule final : public whyclip::Rule {
 public:
  std::string name() const override { return "tangent"; }

  whyclip::RuleOutput backward(const whyclip::Workspace& workspace, const whyclip::Op& op,
                               const whyclip::OpContext& context,
                               const whyclip::Tensor& flow) const override {
    check(op);
    return {op.vjp(workspace, context, flow), {}};
  }

  /// The derivative is elementwise, so it is its own transpose.
  whyclip::Tensor propagate_forward(const whyclip::Workspace& workspace, const whyclip::Op& op,
                                    const whyclip::OpContext& context,
                                    whyclip::Inputs contributions) const override {
    check(op);
    return std::move(op.vjp(workspace, context, *contributions[0])[0]);
  }

  std::span<const float> additive_term(const whyclip::Op& op, const whyclip::OpContext& context,
                                       std::int64_t row,
                                       std::vector<float>& scratch) const override {
    check(op);
    // Computing φ′ of all rows at once would be faster; this example is simple instead.
    const whyclip::Workspace alone(1);
    const whyclip::Tensor u = one_row(*context.in[0], row), y = one_row(context.out, row);
    const std::vector<const whyclip::Tensor*> in{&u};
    const whyclip::Tensor linear = std::move(op.vjp(alone, {in, y, {}}, u)[0]);  // φ′(u) · u
    scratch.clear();
    for (std::size_t c = 0; c < y.size(); ++c) scratch.push_back(y.data()[c] - linear.data()[c]);
    return scratch;
  }

 private:
  static void check(const whyclip::Op& op) {
    if (op.kind() == whyclip::OpKind::kActivation) return;
    throw whyclip::Error("tangent", "this rule supports only the op activation, got " +
                                        std::string(whyclip::name_of(op.kind())));
  }
  static whyclip::Tensor one_row(const whyclip::Tensor& tensor, std::int64_t row) {
    return whyclip::Tensor::from(1, tensor.width(), tensor.row(row));
  }
};
