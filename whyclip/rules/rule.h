#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// What a walk back moves.
enum class Moves {
  kGradient,   ///< a share is value · gradient
  kRelevance,  ///< a share is the relevance itself (layer-wise relevance propagation)
};

std::string_view name_of(Moves moves);

/// What flows back from one op.
struct Back {
  std::vector<Tensor> in;      ///< for each input (targets × rows, width); empty stands for zero
  std::vector<double> offset;  ///< relevance only, (targets × rows of the op): what the op's own
                               ///< parameter keeps; empty if nothing
};

/// How one op passes shares on: back from a target (a gradient or a relevance), forward from
/// sources (additive shares), or both. A rule knows policy; the mathematics is the op's. Immutable.
class Rule {
 public:
  virtual ~Rule() = default;

  /// As it is shown and written in a table: "epsilon 1e-06".
  virtual std::string name() const = 0;
  /// Whether tables of that kind may use it.
  virtual bool moves(Moves what) const { return what == Moves::kGradient; }

  /// `flow` is the gradient or relevance at the output, (targets × rows, width). Throws Error if
  /// the rule goes forward only, or cannot treat such an op.
  virtual Back back(const Workspace& workspace, const Op& op, const Application& application,
                    const Tensor& flow) const;

  /// `shares` are those of the inputs, (sources × rows, width) or empty; returns those of the
  /// output without offsets, or empty. Throws Error if the rule goes back only.
  virtual Tensor carry(const Workspace& workspace, const Op& op, const Application& application,
                       Inputs shares) const;

  /// What the op adds of its own to a row of the output when the rule is followed, (width), empty
  /// if nothing. May use `room` to hold it.
  virtual std::span<const float> offset(const Op& op, const Application& application,
                                        std::int64_t row, std::vector<float>& room) const;

  /// Whether shares pass from that input to the output at all: carry skips what is not read.
  virtual bool reads(const Op& op, std::size_t input) const;

  /// Whether a walk from a target can use it; otherwise back throws.
  virtual bool goes_back() const { return true; }
  /// Whether a source's share depends on the other sources' (then all are carried at once).
  virtual bool needs_all_sources() const { return false; }
  /// Whether carry gives what the op adds of its own to the sources, so that it is no entry.
  virtual bool gives_offset_away(const Op&) const { return false; }
};

using RulePtr = std::shared_ptr<const Rule>;

/// The op's own derivative, forward and back (baseline of all gradient methods).
RulePtr derivative();

/// The op with its gains held constant (attention pattern, 1/σ, gate, norm): linear, so that shares
/// add up; forward and back.
RulePtr frozen_gains();

/// Nothing passes: the op's output is taken as a constant.
RulePtr constant();

}  // namespace whyclip
