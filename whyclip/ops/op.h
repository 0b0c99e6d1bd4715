#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip {

enum class OpKind {
  // routing: rows are moved, values stay
  kPatchify,
  kEmbedTokens,
  kPrepend,
  kSelectRows,
  // linear
  kLinear,
  kAdd,
  kAddRows,
  kScale,
  // bilinear
  kAttentionScores,
  kAttentionMix,
  // non-linear
  kActivation,
  kSoftmax,
  kLayerNorm,
  kNormalise,
};

std::string_view name_of(OpKind kind);

using Inputs = std::span<const Tensor* const>;

/// What was kept of one application of an op for the way back.
struct OpContext {
  Inputs in;
  const Tensor& out;
  std::span<const Tensor> saved;
};

/// A function of tensors together with its derivatives. Immutable; knows mathematics only.
///
/// The adjoints take the gradient `g` of a scalar with respect to the output and return one with
/// respect to each input; an empty tensor stands for zero. Several scalars ("targets") are walked
/// back at once by stacking: g has targets × out.rows() rows, and so do the results over their
/// inputs' rows.
class Op {
 public:
  virtual ~Op() = default;
  virtual OpKind kind() const = 0;

  /// Computes the output. If `kept` is not null, appends what the adjoints need beyond inputs and
  /// output.
  virtual Tensor forward(const Workspace& workspace, Inputs in,
                         std::vector<Tensor>* saved) const = 0;

  /// The adjoint of the true derivative.
  virtual std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                                  const Tensor& g) const = 0;

  /// The adjoint with the gains held constant: attention pattern, 1/σ of a layer norm, gate of an
  /// activation, norm of an embedding. With them the op is linear in its inputs plus an additive
  /// term, so that input · adjoint plus contributions of additive terms equals output · g. For a
  /// linear op it is vjp.
  virtual std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                         const Tensor& g) const {
    return vjp(workspace, context, g);
  }

  /// The same map the other way round: propagates additive contributions of the inputs forward.
  /// contributions[i] has sources × in[i].rows() rows, stacked like targets, or is empty and stands
  /// for zero; the result has sources × out.rows() rows, or is empty. Additive terms are not added.
  /// ⟨g, frozen_jvp(contributions)⟩ = ⟨frozen_vjp(g), contributions⟩.
  virtual Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                            Inputs contributions) const = 0;

  /// The parameter of its own that the op adds to a row of its output (a bias, a position, a class
  /// token), (width); empty if it adds none there.
  virtual std::span<const float> additive_term(std::int64_t row) const;
};

using OpPtr = std::shared_ptr<const Op>;

/// How many targets the gradient stacks. Throws Error if its shape does not fit the output.
std::int64_t target_count(const Tensor& g, const Tensor& out);
/// How many sources the contributions stack: all that are not empty must agree. Throws Error if one
/// does not fit its input, and if all are empty.
std::int64_t source_count(Inputs contributions, Inputs in);

}  // namespace whyclip
