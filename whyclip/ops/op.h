#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip {

enum class OpKind {
  // routing: moves rows, does not change values
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

/// Inputs, output and saved tensors of one call of an op, for its derivatives.
struct OpContext {
  Inputs in;
  const Tensor& out;
  std::span<const Tensor> saved;
};

/// A function of tensors with its derivatives. Immutable.
///
/// The adjoints take the gradient `g` of a scalar with respect to the output and return one with
/// respect to each input; an empty tensor stands for zero. Several scalars ("targets") are
/// propagated backward together by stacking: g has targets × out.rows() rows, and the gradient of
/// input i has targets × in[i].rows() rows.
class Op {
 public:
  virtual ~Op() = default;
  virtual OpKind kind() const = 0;

  /// Computes the output. If `saved` is not null, appends the tensors that the adjoints need
  /// besides inputs and output.
  virtual Tensor forward(const Workspace& workspace, Inputs in,
                         std::vector<Tensor>* saved) const = 0;

  /// The adjoint of the true derivative.
  virtual std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                                  const Tensor& g) const = 0;

  /// The adjoint with the gains held constant: attention pattern, 1/σ of a layer norm, gate of an
  /// activation, norm of an embedding. With them the op is linear in its inputs plus an additive
  /// term, so that input · adjoint plus contributions of additive terms equals output · g. For a
  /// linear op this is vjp.
  virtual std::vector<Tensor> frozen_vjp(const Workspace& workspace, const OpContext& context,
                                         const Tensor& g) const {
    return vjp(workspace, context, g);
  }

  /// The transposed map: propagates additive contributions of the inputs forward. contributions[i]
  /// has sources × in[i].rows() rows, stacked like targets, or is empty (zero); the result has
  /// sources × out.rows() rows, or is empty. Additive terms are not added. ⟨g,
  /// frozen_jvp(contributions)⟩ = ⟨frozen_vjp(g), contributions⟩.
  virtual Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                            Inputs contributions) const = 0;

  /// The parameter that the op adds to this row of its output (a bias, a position embedding, the
  /// class token), (width), or empty.
  virtual std::span<const float> additive_term(std::int64_t row) const;
};

using OpPtr = std::shared_ptr<const Op>;

/// Number of stacked targets of the gradient. Throws Error if its shape does not match the output.
std::int64_t target_count(const Tensor& g, const Tensor& out);
/// Number of stacked sources of the contributions; all that are not empty must agree. Throws Error
/// if one does not match its input, and if all are empty.
std::int64_t source_count(Inputs contributions, Inputs in);

}  // namespace whyclip
