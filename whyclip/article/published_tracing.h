#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// The product of two traced operands X = Σ x_r and Y = Σ y_r.
enum class TracedProduct {
  /// Region by region x_r·y_r, then every element of all regions times |X·Y| / Σ_r |x_r·y_r|: as
  /// published. Their sum is not X·Y: only the sum of the magnitudes is.
  kFull,
  /// ½ (x_r·Y + X·y_r), the article's variant before; the sum is X·Y.
  kHalfSplit,
};

/// What becomes of contributions x_r at a function f that is not linear.
enum class TracedGain {
  /// x_r · f(X)/X, zero where X is 0: as published. Complete, but X may be close to 0.
  kRatio,
  /// The gain that f has for this image: the gate of an activation; γ/σ of a layer norm, on
  /// x_r − mean(x_r); for a softmax over N keys the local integrated gradients from the uniform
  /// pattern. What f adds of its own (β, 1/N) is a bias.
  kMended,
};

/// Who gets the biases.
enum class TracedBias {
  kEqual,  ///< each region bias/regions: as published
  kOwn,    ///< a column of their own after the regions
};

/// How far a sum of contributions is from the value that it should be.
struct TracedCloseness {
  double distance;    ///< ‖sum − value‖ / ‖value‖
  double cosine;      ///< of the two; 0 if one of them is zero
  double norm_ratio;  ///< ‖sum‖ / ‖value‖
};

/// One op on the way.
struct TracedStep {
  std::string trace_point;  ///< of its output
  std::string_view op;      ///< its kind
  TracedCloseness closeness;
};

/// The article's forward tracing, each of its rules on its own; as published if nothing is set.
struct PublishedTracingOptions {
  TracedProduct product = TracedProduct::kFull;
  TracedGain activation = TracedGain::kRatio;
  TracedGain layer_norm = TracedGain::kRatio;
  TracedGain softmax = TracedGain::kRatio;
  /// Under the ratio rule: where |f(X)/X| is below this, every region gets (f(X)/X)/regions (the
  /// ratio, not the value, as published) and the biases' own column 0. None: no such branch.
  std::optional<double> small_ratio = 0.01;
  TracedBias bias = TracedBias::kEqual;
  /// Gauss–Legendre nodes of the mended softmax. 8 leave 1e-8 of a pattern whose scores lie within
  /// ±5, and up to 1e-3 of the embedding in a trained tower; 32 leave 1e-11 there.
  int softmax_nodes = 8;
  /// Values from outside ("vision.pixels"), (rows, width), with more digits than the record's
  /// float32: as published the result depends on every one of them.
  std::map<std::string, std::vector<double>, std::less<>> inputs = {};
  /// Regions that are propagated together, 0: all. Bounds the memory, for the time of computing the
  /// values and the biases once more for each part. Only if regions_are_independent.
  std::int64_t regions_at_once = 0;
  /// Called after each op with the contributions' sum, (rows × width), valid during the call only.
  std::function<void(const TracedStep& step, std::span<const double> sum)> watch = {};
  Progress progress = {};  ///< one unit is an op
};

/// Whether a region's contributions are the same whatever other regions are propagated with it:
/// every rule is the mended one, and biases are apart.
bool regions_are_independent(const PublishedTracingOptions& options);

/// The tracing with every rule mended: complete. As many nodes as a trained softmax asks for.
PublishedTracingOptions mended_tracing();

/// A trace point as one contribution for each region.
template <class T>
struct TracedContributions {
  std::int64_t regions;              ///< a region is a row of the trace point traced from
  std::vector<std::string> columns;  ///< "vision.embedded[0]", …; "biases" last if they are apart
  std::int64_t rows, width;          ///< of the trace point traced to
  std::vector<T> contributions;      ///< (columns, rows, width)
  std::vector<T> value;              ///< (rows, width), computed in T from the record's inputs
  std::vector<TracedStep> steps;
  std::size_t peak_bytes;  ///< the most that contributions held at once

  /// Of the columns' sum and the value: how complete the tracing is.
  TracedCloseness closeness() const { return steps.back().closeness; }
};

/// Propagates every activation from the trace point `from` to the trace point `to` as one
/// contribution for each row of `from`, all at once, in T (float or double). Idea and formulas are
/// those of the blog article "What parts of an image contribute to the CLIP classification?" (19
/// November 2022). Of the record, which must hold one image or text, only the ops and the values
/// that come from outside (pixels) are read; all else is computed in T. Takes as many times the
/// memory of the activations as there are regions.
///
/// As published the result has no digits to rely on: every ratio divides by a sum of contributions
/// that cancel, and in trained towers rounding grows by about 10⁴ a block.
///
/// Throws Error naming the trace point if `from` does not lead to `to`, for an op that mixes
/// traced with other values, for a record of several images, for contributions that are not finite
/// (the full product of contributions that do not meet is 0/0), and for regions_at_once with rules
/// that are not mended; Cancelled.
template <class T>
TracedContributions<T> published_tracing(const Workspace& workspace, const Record& record,
                                         std::string_view from, std::string_view to,
                                         const PublishedTracingOptions& options = {});

extern template TracedContributions<float> published_tracing(const Workspace&, const Record&,
                                                             std::string_view, std::string_view,
                                                             const PublishedTracingOptions&);
extern template TracedContributions<double> published_tracing(const Workspace&, const Record&,
                                                              std::string_view, std::string_view,
                                                              const PublishedTracingOptions&);

/// The bytes that contributions of `size_of_number` bytes each hold at once, at the most: what
/// TracedContributions::peak_bytes will be. Throws Error as published_tracing does.
std::size_t published_tracing_bytes(const Record& record, std::string_view from,
                                    std::string_view to, const PublishedTracingOptions& options,
                                    std::size_t size_of_number);

/// The first op whose output's contributions are further from it than `tolerance` (relative
/// distance); null if none is.
const TracedStep* first_departure(const std::vector<TracedStep>& steps, double tolerance);

}  // namespace whyclip
