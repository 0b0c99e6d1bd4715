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

#include "whyclip/article/tracing_values.h"
#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// The options of the article's forward tracing, one per rule; the defaults are as published.
struct PublishedTracingOptions {
  TracedProduct product = TracedProduct::kFull;
  TracedGain activation = TracedGain::kRatio;
  TracedGain layer_norm = TracedGain::kRatio;
  TracedGain softmax = TracedGain::kRatio;
  /// Threshold of the ratio rule: where |f(X)/X| is below it, every region gets (f(X)/X)/regions
  /// (the ratio, not the value, as published) and the biases' own column 0. None: no such branch.
  std::optional<double> small_ratio = 0.01;
  TracedBias bias = TracedBias::kEqual;
  /// Gauss–Legendre nodes of the mended softmax. The relative error of 8 nodes is 1e-8 for a
  /// pattern whose scores lie within ±5, and up to 1e-3 for the embedding in a trained tower; 32
  /// nodes reduce the latter to 1e-11.
  int softmax_nodes = 8;
  /// Input values of the record ("vision.pixels"), (rows, width), in higher precision than float32:
  /// the published result depends on every digit.
  std::map<std::string, std::vector<double>, std::less<>> inputs = {};
  /// Number of regions propagated together, 0: all. Bounds the memory; values and biases are
  /// computed again for each part. Requires regions_are_independent.
  std::int64_t regions_at_once = 0;
  /// Called after each op with the contributions' sum, (rows × width), valid only during the call.
  std::function<void(const TracedStep& step, std::span<const double> sum)> watch = {};
  Progress progress = {};  ///< one unit is one op
};

/// Whether a region's contributions do not depend on the other regions propagated with it: every
/// rule is the mended one, and biases are separate.
bool regions_are_independent(const PublishedTracingOptions& options);

/// The tracing with every rule mended, which is complete, and enough nodes for a trained softmax.
PublishedTracingOptions mended_tracing();

/// A trace point as one contribution for each region.
template <class T>
struct TracedContributions {
  std::int64_t regions;  ///< a region is a row of the start trace point
  std::vector<std::string>
      columns;                   ///< "vision.embedded[0]", …; "biases" last if they are separate
  std::int64_t rows, width;      ///< of the end trace point
  std::vector<T> contributions;  ///< (columns, rows, width)
  std::vector<T> value;          ///< (rows, width), computed in T from the record's inputs
  std::vector<TracedStep> steps;
  std::size_t peak_bytes;  ///< peak memory of the contributions

  /// The closeness of the columns' sum and the value.
  TracedCloseness closeness() const { return steps.back().closeness; }
};

/// Propagates every activation from the trace point `from` to the trace point `to` as one
/// contribution for each row of `from`, all at once, in T (float or double). Idea and formulas are
/// those of the blog article "What parts of an image contribute to the CLIP classification?" (19
/// November 2022). The record must hold one image or text; only its ops and input values (pixels)
/// are used, all else is computed in T. Memory is that of the activations times the number of
/// regions.
///
/// The published result is numerically unreliable: every ratio divides by a sum of contributions
/// that cancel, and in trained towers the rounding error grows by about 10⁴ per block.
///
/// Throws Error naming the trace point if `from` does not lead to `to`, for an op that mixes traced
/// with other values, for a record of several images, for contributions that are not finite (the
/// full product is 0/0 if no region is in both operands), and for regions_at_once with rules that
/// are not mended; Cancelled.
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

/// Predicts TracedContributions::peak_bytes for contributions of `size_of_number` bytes each.
/// Throws Error as published_tracing does.
std::size_t published_tracing_bytes(const Record& record, std::string_view from,
                                    std::string_view to, const PublishedTracingOptions& options,
                                    std::size_t size_of_number);

/// The first op whose contributions differ from its output by more than `tolerance` (relative
/// distance); null if none.
const TracedStep* first_departure(const std::vector<TracedStep>& steps, double tolerance);

}  // namespace whyclip
