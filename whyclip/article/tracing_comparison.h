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

/// The forward tracing of an image by one set of rules, from the embedded tokens (each patch and
/// the class token with its position) to the joint space.
struct TracedEmbedding {
  std::string name;               ///< "published, float32", "published, float64", "mended"
  std::vector<TracedStep> steps;  ///< op by op, up to a failure
  std::string failure;            ///< reason why it ended early; empty if it reached the embedding
  std::vector<std::string> columns;  ///< "vision.embedded[0]" (class token), …, maybe "biases"
  std::int64_t regions = 0;          ///< number of token columns: 1 + patches
  std::int64_t width = 0;            ///< of the joint space
  std::vector<double> vectors;  ///< (columns, width): each column's contribution to the embedding
  std::vector<double> sum;  ///< (width): the sum of the columns; complete if equal to the embedding
  std::size_t peak_bytes = 0;  ///< peak memory of the contributions

  bool reached() const { return !vectors.empty(); }
  /// Whether the biases are a separate column.
  bool has_biases() const { return std::int64_t(columns.size()) > regions; }
};

/// The article's forward tracing as published and mended, side by side.
struct TracingComparison {
  PatchGrid grid;
  std::vector<float> embedding;  ///< (width): the model's own, before normalisation
  std::vector<TracingLayer> layers;
  double tolerance = 0;                       ///< relative distance above which an op departs
  std::optional<TracingDeparture> departure;  ///< of the published rules in float64
  TracedEmbedding published_float;            ///< empty if only the mended one was requested
  TracedEmbedding published;                  ///< the same
  TracedEmbedding mended;
};

struct TracingComparisonOptions {
  bool mended_only = false;
  double tolerance = 1e-3;  ///< of TracingComparison::departure
  /// Bytes that contributions may hold at once; 0: the free memory of the machine. The mended
  /// tracing propagates fewer regions at once to stay within it; the published one cannot.
  std::size_t memory_limit = 0;
  /// Options of the two tracings; published.inputs and mended.inputs: pixels in higher precision.
  PublishedTracingOptions published = {};
  PublishedTracingOptions mended = mended_tracing();
  Progress progress = {};  ///< units are ops, over all tracings
};

/// Traces an image by the published rules in float32 and float64, and by the mended rules in
/// float64. If a published tracing gives values that are not finite, its `failure` says so and no
/// error is thrown. Throws Error before the tracing starts if the contributions need more than the
/// memory limit; Cancelled.
TracingComparison compare_tracings(const RecordedImage& recorded,
                                   const TracingComparisonOptions& options = {});

/// The first op of a tracing in float64 by these rules whose contributions differ from its output
/// by more than the tolerance, with the rule that causes it: the op's own, or if that one is
/// complete the first incomplete one before it. None if no op departs.
std::optional<TracingDeparture> departure_of(const std::vector<TracedStep>& steps, double tolerance,
                                             const PublishedTracingOptions& options);

// All throw Error if the tracing did not reach the embedding.

/// direction · contribution, (width) · (columns, width): unnormalised. Throws Error for another
/// width.
TracedMap direction_map(const TracedEmbedding& traced, std::span<const float> direction);
/// The contributions to one channel of the embedding, by its index. Throws Error if it is out of
/// range.
TracedMap feature_map(const TracedEmbedding& traced, int index);
/// The contributions to a target, in its units: direction · contribution / ‖z‖ with the model's
/// embedding z.
TracedMap target_map(const TracedEmbedding& traced, const Target& target,
                     std::span<const float> embedding);
/// The target's value if the sum of the contributions were the embedding: direction · Σ / ‖Σ‖.
double traced_value(const TracedEmbedding& traced, const Target& target);

}  // namespace whyclip
