#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// The product of two traced operands X = Σ x_r and Y = Σ y_r.
enum class TracedProduct {
  /// Region by region x_r·y_r, then every element of all regions times |X·Y| / Σ_r |x_r·y_r|: as
  /// published. Their sum is not X·Y: only the sum of the magnitudes is.
  kFull,
  /// ½ (x_r·Y + X·y_r), the article's earlier variant; the sum is X·Y.
  kHalfSplit,
};

/// The rule for contributions x_r at a nonlinear function f.
enum class TracedGain {
  /// x_r · f(X)/X, zero where X is 0: as published. Complete, but X may be close to 0.
  kRatio,
  /// The gain of f for this image: the gate of an activation; γ/σ of a layer norm, on x_r −
  /// mean(x_r); for a softmax over N keys the local integrated gradients from the uniform pattern.
  /// The additive term of f (β, 1/N) is a bias.
  kMended,
};

/// The assignment of the biases.
enum class TracedBias {
  kEqual,  ///< bias/regions to each region: as published
  kOwn,    ///< a separate column after the regions
};

/// "full", "half-split".
std::string_view name_of(TracedProduct product);
/// "ratio", "mended".
std::string_view name_of(TracedGain gain);
/// "equal", "own".
std::string_view name_of(TracedBias bias);

/// The difference between a sum of contributions and the value it should equal.
struct TracedCloseness {
  double distance = 0;    ///< ‖sum − value‖ / ‖value‖
  double cosine = 0;      ///< of the two; 0 if one of them is zero
  double norm_ratio = 0;  ///< ‖sum‖ / ‖value‖
};

/// The tracing of one op.
struct TracedStep {
  std::string trace_point = {};  ///< of its output
  std::string op = {};           ///< its kind
  TracedCloseness closeness = {};
};

/// The difference between two sums of contributions.
struct SumDifference {
  double cosine = 0;    ///< of the two; 0 if one of them is zero
  double distance = 0;  ///< ‖a − b‖ / ‖b‖
};

/// The accuracy of the tracings after a layer.
struct TracingLayer {
  std::string name = {};  ///< "ln_pre", "block 0", "pooled", "embedding"
  std::string trace_point = {};
  /// The closeness of the contributions' sum and the true value; none if the tracing ended before
  /// or was not requested.
  std::optional<TracedCloseness> published_float = {}, published = {}, mended = {};
  /// The published sum in float32 against the one in float64.
  std::optional<SumDifference> float_difference = {};
};

/// The first op whose contributions do not add up to its output.
struct TracingDeparture {
  TracedStep step = {};
  std::string reason = {};  ///< a sentence about the rule that causes it
};

/// The contributions of each token to one number that is linear in the embedding.
struct TracedMap {
  std::vector<float> patches = {};  ///< rows × columns of the grid, row-major
  double class_token = 0;           ///< with its position
  double biases = 0;                ///< 0 if assigned to the regions
  double sum = 0;                   ///< of all
};

}  // namespace whyclip
