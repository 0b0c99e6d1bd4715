#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whyclip/article/tracing_values.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct TraceOptions {
  TargetOptions target = {};  ///< which score; default: the best class
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  /// Skip the published rules: less time, and the memory can be bounded.
  bool mended_only = false;
  bool ablation = false;    ///< also exchange the published rules one by one: 20 more tracings
  bool vectors = false;     ///< keep each token's contribution to the embedding
  double tolerance = 1e-3;  ///< relative distance from the true value above which an op departs
  /// Bytes that contributions may hold at once; 0: the free memory of the machine.
  std::size_t memory_limit = 0;
  Progress progress = {};
};

/// A set of tracing rules and the precision they are computed in.
enum class TracingRules { kPublishedFloat32, kPublishedFloat64, kMended };

/// "published, float32", "published, float64", "mended".
std::string_view name_of(TracingRules rules);

/// The result of one tracing.
struct TracingVariant {
  TracingRules rules = TracingRules::kMended;
  std::string failure = {};  ///< reason why it ended early; empty if it reached the embedding
  /// The contributions in units of the target; none if it did not reach the embedding.
  std::optional<TracedMap> map = {};
  bool own_biases = false;  ///< whether the biases have contributions of their own
  double value = 0;  ///< the target's value if the sum of the contributions were the embedding
  std::vector<double> embedding = {};  ///< the sum of the contributions, (width)
  std::vector<TracedStep> steps = {};  ///< op by op, up to a failure
  std::size_t peak_bytes = 0;          ///< peak memory of the contributions
  /// "vision.embedded[0]" (class token), …, "biases" last if they are separate; if requested.
  std::vector<std::string> columns = {};
  std::vector<float> vectors = {};  ///< (columns, width): contributions to the embedding
};

/// One combination of the published and the mended rules, in float64.
struct TracedAblation {
  std::string name = {};  ///< "full product, ratio, small branch, bias/regions"
  TracedProduct product = TracedProduct::kFull;
  TracedGain activation = TracedGain::kRatio;
  TracedGain layer_norm = TracedGain::kRatio;
  TracedGain softmax = TracedGain::kRatio;
  std::optional<double> small_ratio = {};  ///< threshold of the branch for small ratios
  TracedBias biases = TracedBias::kEqual;
  TracedCloseness closeness = {};    ///< of the contributions' sum and the embedding
  double cancellation = 0;           ///< Σ |contributions| / Σ |sum of the contributions|
  std::string first_departure = {};  ///< trace point; empty if none
};

/// The article's forward tracing of an image, as published and mended.
struct Tracing {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};
  std::string headline = {};
  std::string description = {};  ///< how the values were computed
  /// Published in float32 and in float64, then mended; the mended one alone on request.
  std::vector<TracingVariant> variants = {};
  std::vector<TracingLayer> layers = {};
  std::vector<float> embedding = {};               ///< the model's own, before normalisation
  double tolerance = 0;                            ///< relative distance above which an op departs
  std::optional<TracingDeparture> departure = {};  ///< of the published rules in float64
  std::vector<TracedAblation> ablations = {};      ///< if requested
  /// What the tracings show: a heading and a sentence each, without the final full stop.
  std::vector<std::pair<std::string, std::string>> findings = {};
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Traces an image by the article's rules: every activation as one contribution for each token, as
/// published (float32 and float64) and mended (float64). Throws Error as make_classifier,
/// choose_target and compare_tracings do; Cancelled.
Tracing trace(const Clip& clip, const Image& image, const TraceOptions& options = {});

/// The closeness of a variant's sum after a layer; none if the variant ended before.
const std::optional<TracedCloseness>& closeness_at(const TracingLayer& layer, TracingRules rules);

/// JSON with "format": "whyclip tracing 1" (docs/schema/tracing.json). `indent`: spaces a level, −1
/// for one line.
std::string to_json(const Tracing& tracing, int indent = 1);
/// The inverse of to_json. Throws Error naming `where` and the field for a text that is cut off, of
/// another kind or of a newer version.
Tracing tracing_from_json(std::string_view text, const std::string& where = "tracing");

}  // namespace whyclip
