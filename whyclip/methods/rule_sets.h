#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/token_aggregation.h"

namespace whyclip {

/// How a rule set computes its contributions.
enum class Direction {
  kBackward,     ///< one backward pass from the target
  kForward,      ///< regions propagated forward to the embedding
  kAggregation,  ///< token-mixing matrices multiplied over the layers; the same for all targets
};

std::string_view name_of(Direction direction);

/// A published method of propagating contributions or relevance through the network, for the
/// methods of the registry and the benchmark.
struct RuleSet {
  std::string name;       ///< "query-key"
  std::string summary;    ///< one line
  std::string reference;  ///< publication
  Direction direction = Direction::kBackward;
  bool complete = false;  ///< whether the contributions add up to the logit for every image
  std::optional<RuleTable> table = {};              ///< the rules, if the set propagates by rules
  BiasPolicy biases = BiasPolicy::kOwn;             ///< as in the publication
  PositionPolicy positions = PositionPolicy::kOwn;  ///< as in the publication
  bool propagates_forward = false;  ///< whether region_contributions accepts the table
  std::string description = {};     ///< how it computes, in sentences, for pages; may be empty
  bool pairs = false;  ///< whether its method has contributions of pairs of a word and a patch too
  TokenMeasure measure = TokenMeasure::kGlobEnc;  ///< of an aggregation
};

/// All rule sets; see docs/rules.md.
const std::vector<RuleSet>& rule_sets();

/// The rule set of this name, or the rules of a JSON file (a path that ends in .json, see
/// read_rule_table). Rules of a file propagate backward if all of them can, otherwise forward.
/// Throws Error with the list of names if there is no such set.
RuleSet find_rule_set(const std::string& name_or_file);

/// The same set with the identity rule for relevance in layer norms, see with_identity_norms of the
/// rule table. Throws Error for a set that does not propagate relevance.
RuleSet with_identity_norms(RuleSet set);

struct RuleSetOptions {
  std::optional<BiasPolicy> biases = {};         ///< instead of the publication's
  std::optional<PositionPolicy> positions = {};  ///< instead of the publication's
  Progress progress = {};
};

/// The contributions of an image's patches by a rule set, for several targets. Those of an
/// aggregation are not in logits (Contributions::in_logits) and the same for every target. Throws
/// Error for a policy that the set does not support, and as contributions, region_contributions,
/// token_aggregation do; Cancelled.
std::vector<Contributions> attribute(const RecordedImage& recorded, std::span<const Target> targets,
                                     const RuleSet& set, const RuleSetOptions& options = {});

}  // namespace whyclip
