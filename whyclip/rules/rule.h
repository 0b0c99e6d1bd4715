#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// The quantity that a backward pass propagates.
enum class Quantity {
  kGradient,   ///< a contribution is value · gradient
  kRelevance,  ///< a contribution is the relevance itself (layer-wise relevance propagation)
};

std::string_view name_of(Quantity quantity);

/// The result of a rule's backward step at one op.
struct RuleOutput {
  std::vector<Tensor> in;  ///< for each input (targets × rows, width); empty stands for zero
  std::vector<double> additive_term;  ///< relevance only, (targets × rows of the op): the relevance
                                      ///< of the op's own parameter; empty if none
};

/// How contributions pass through one op: backward from a target (a gradient or a relevance),
/// forward from sources (additive contributions), or both. A rule chooses the policy; the op
/// implements the mathematics. Immutable.
class Rule {
 public:
  virtual ~Rule() = default;

  /// Name and parameter as shown to the user: "epsilon 1e-06".
  virtual std::string name() const = 0;
  /// Whether tables that propagate this quantity may use the rule.
  virtual bool supports(Quantity quantity) const { return quantity == Quantity::kGradient; }

  /// `flow` is the gradient or relevance at the output, (targets × rows, width). Throws Error if
  /// the rule supports only the forward direction, or does not support such an op.
  virtual RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                              const Tensor& flow) const;

  /// `contributions` are those of the inputs, (sources × rows, width) or empty; returns those of
  /// the output without additive terms, or empty. Throws Error if the rule supports only the
  /// backward direction.
  virtual Tensor propagate_forward(const Workspace& workspace, const Op& op,
                                   const OpContext& context, Inputs contributions) const;

  /// The op's additive term in a row of the output under this rule, (width), empty if none. May be
  /// stored in `scratch`.
  virtual std::span<const float> additive_term(const Op& op, const OpContext& context,
                                               std::int64_t row, std::vector<float>& scratch) const;

  /// Whether contributions pass from that input to the output: propagate_forward skips other
  /// inputs.
  virtual bool reads(const Op& op, std::size_t input) const;

  /// Whether the rule supports the backward direction; otherwise backward() throws.
  virtual bool supports_backward() const { return true; }
  /// Whether a source's contribution depends on those of the other sources (then all are propagated
  /// at once).
  virtual bool needs_all_sources() const { return false; }
  /// Whether propagate_forward distributes the op's additive term among the sources, so that it has
  /// no entry of its own.
  virtual bool redistributes_additive_term(const Op&) const { return false; }
};

using RulePtr = std::shared_ptr<const Rule>;

/// The op's derivative, for the backward direction (baseline of all gradient methods).
RulePtr derivative();

/// The op with its gains held constant (attention pattern, 1/σ, gate, norm): linear, so that
/// contributions add up. Supports both directions.
RulePtr frozen_gains();

/// The op's output is a constant: no contribution passes.
RulePtr constant();

}  // namespace whyclip
