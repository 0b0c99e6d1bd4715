#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/article/published_tracing.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"

namespace whyclip {

/// Two sums of contributions beside each other.
struct SumDifference {
  double cosine;    ///< of the two; 0 if one of them is zero
  double distance;  ///< ‖a − b‖ / ‖b‖
};

/// The forward tracing of an image by one set of rules, from the embedded tokens (each patch and
/// the class token with its position) to the joint space.
struct TracedEmbedding {
  std::string name;                  ///< "published, float32", "published, float64", "mended"
  std::vector<TracedStep> steps;     ///< op by op, as far as it came
  std::string failure;               ///< why it came no further; empty if it reached the embedding
  std::vector<std::string> columns;  ///< "vision.embedded[0]" (class token), …, maybe "biases"
  std::int64_t regions = 0;          ///< columns that are tokens: 1 + patches
  std::int64_t width = 0;            ///< of the joint space
  std::vector<double> vectors;  ///< (columns, width): each column's contribution of the embedding
  std::vector<double> sum;      ///< (width): of the columns, what the embedding should be
  std::size_t peak_bytes = 0;   ///< the most that contributions held at once

  bool reached() const { return !vectors.empty(); }
  /// Whether the biases are a column of their own.
  bool has_biases() const { return std::int64_t(columns.size()) > regions; }
};

/// Where the residual stream stands after a layer.
struct TracingLayer {
  std::string name;  ///< "ln_pre", "block 0", "pooled", "embedding"
  std::string trace_point;
  /// Of the contributions' sum and the true value; none where the tracing did not come, or was not
  /// asked.
  std::optional<TracedCloseness> published_float, published, mended;
  /// The published sum in float32 against the one in float64.
  std::optional<SumDifference> float_difference;
};

/// The first op whose contributions do not add up to its output.
struct TracingDeparture {
  TracedStep step;
  std::string reason;  ///< which rule does it, in a sentence
};

/// The article's forward tracing as published and mended, side by side.
struct TracingComparison {
  PatchGrid grid;
  std::vector<float> embedding;  ///< (width): the model's own, before normalisation
  std::vector<TracingLayer> layers;
  double tolerance = 0;                       ///< relative distance that counts as a departure
  std::optional<TracingDeparture> departure;  ///< of the published rules in float64
  TracedEmbedding published_float;            ///< empty if only the mended one was asked for
  TracedEmbedding published;                  ///< the same
  TracedEmbedding mended;
};

struct TracingComparisonOptions {
  bool mended_only = false;
  double tolerance = 1e-3;  ///< of TracingComparison::departure
  /// Bytes that contributions may hold at once; 0: what the machine has free. The mended tracing
  /// propagates fewer regions at once to keep within it; the published one cannot.
  std::size_t memory_limit = 0;
  /// One rule or another exchanged; published.inputs and mended.inputs: pixels with more digits.
  PublishedTracingOptions published = {};
  PublishedTracingOptions mended = mended_tracing();
  Progress progress = {};  ///< units are ops, over all tracings
};

/// Traces an image by the published rules in float32 and float64, and by the mended rules in
/// float64. A published tracing that ends in values that are not finite is told in its `failure`,
/// not thrown. Throws Error before anything is traced if the contributions need more than the
/// memory limit; Cancelled.
TracingComparison compare_tracings(const RecordedImage& recorded,
                                   const TracingComparisonOptions& options = {});

/// The first op of a tracing in float64 by these rules whose contributions miss its output by more
/// than the tolerance, with the rule to blame: its own, or where that one is complete the first
/// before it that is not. None if no op does.
std::optional<TracingDeparture> departure_of(const std::vector<TracedStep>& steps, double tolerance,
                                             const PublishedTracingOptions& options);

/// What each token gives to one number that is linear in the embedding.
struct TracedMap {
  std::vector<float> patches;  ///< rows × columns of the grid, row-major
  double class_token = 0;      ///< with its position
  double biases = 0;           ///< 0 where the regions have them
  double sum = 0;              ///< of all
};

// All throw Error if the tracing did not reach the embedding.

/// direction · contribution, (width) · (columns, width): unnormalised. Throws Error for another
/// width.
TracedMap direction_map(const TracedEmbedding& traced, std::span<const float> direction);
/// The contributions of one number of the embedding, by its index. Throws Error if it is out of
/// range.
TracedMap feature_map(const TracedEmbedding& traced, int index);
/// The contributions of a target, in its units: direction · contribution / ‖z‖ with the model's
/// embedding z.
TracedMap target_map(const TracedEmbedding& traced, const Target& target,
                     std::span<const float> embedding);
/// What the target would be if the sum of the contributions were the embedding: direction · Σ /
/// ‖Σ‖.
double traced_value(const TracedEmbedding& traced, const Target& target);

}  // namespace whyclip
