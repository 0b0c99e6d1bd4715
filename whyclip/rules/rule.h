#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// What a backward pass moves.
enum class Quantity {
  kGradient,   ///< a contribution is value · gradient
  kRelevance,  ///< a contribution is the relevance itself (layer-wise relevance propagation)
};

std::string_view name_of(Quantity quantity);

/// What flows back from one op.
struct RuleOutput {
  std::vector<Tensor> in;  ///< for each input (targets × rows, width); empty stands for zero
  std::vector<double> additive_term;  ///< relevance only, (targets × rows of the op): what the op's
                                      ///< own parameter keeps; empty if nothing
};

/// How one op passes contributions on: back from a target (a gradient or a relevance), forward from
/// sources (additive contributions), or both. A rule knows policy; the mathematics is the op's.
/// Immutable.
class Rule {
 public:
  virtual ~Rule() = default;

  /// As it is shown and written in a table: "epsilon 1e-06".
  virtual std::string name() const = 0;
  /// Whether tables of that kind may use it.
  virtual bool supports(Quantity what) const { return what == Quantity::kGradient; }

  /// `flow` is the gradient or relevance at the output, (targets × rows, width). Throws Error if
  /// the rule goes forward only, or cannot treat such an op.
  virtual RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                              const Tensor& flow) const;

  /// `contributions` are those of the inputs, (sources × rows, width) or empty; returns those of
  /// the output without additive terms, or empty. Throws Error if the rule goes back only.
  virtual Tensor propagate_forward(const Workspace& workspace, const Op& op,
                                   const OpContext& context, Inputs contributions) const;

  /// What the op adds of its own to a row of the output when the rule is followed, (width), empty
  /// if nothing. May use `room` to hold it.
  virtual std::span<const float> additive_term(const Op& op, const OpContext& context,
                                               std::int64_t row, std::vector<float>& scratch) const;

  /// Whether contributions pass from that input to the output at all: carry skips what is not read.
  virtual bool reads(const Op& op, std::size_t input) const;

  /// Whether a backward pass from a target can use it; otherwise back throws.
  virtual bool supports_backward() const { return true; }
  /// Whether a source's contribution depends on the other sources' (then all are propagated at
  /// once).
  virtual bool needs_all_sources() const { return false; }
  /// Whether carry gives what the op adds of its own to the sources, so that it is no entry.
  virtual bool redistributes_additive_term(const Op&) const { return false; }
};

using RulePtr = std::shared_ptr<const Rule>;

/// The op's own derivative, forward and back (baseline of all gradient methods).
RulePtr derivative();

/// The op with its gains held constant (attention pattern, 1/σ, gate, norm): linear, so that
/// contributions add up; forward and back.
RulePtr frozen_gains();

/// Nothing passes: the op's output is taken as a constant.
RulePtr constant();

}  // namespace whyclip
