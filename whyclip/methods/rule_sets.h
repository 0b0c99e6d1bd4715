#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recorded_image.h"

namespace whyclip {

/// How a rule set comes to its contributions.
enum class Direction {
  kBackward,     ///< one backward pass from the target
  kForward,      ///< sources propagated to the embedding
  kAggregation,  ///< matrices of token mixing, multiplied layer by layer; the same for all targets
  kTracing,      ///< the published forward tracing
};

std::string_view name_of(Direction direction);

/// A published way to move contributions through the network, ready to use: what the command's
/// --rules and the benchmark's rows are made from.
struct RuleSet {
  std::string name;       ///< "query-key"
  std::string summary;    ///< one line
  std::string reference;  ///< publication
  Direction direction = Direction::kBackward;
  bool complete = false;  ///< whether the contributions add up to the logit whatever the image
  std::optional<RuleTable> table = {};              ///< where ops follow rules
  BiasPolicy biases = BiasPolicy::kOwn;             ///< as the publication has it
  PositionPolicy positions = PositionPolicy::kOwn;  ///< the same
  bool propagates_forward = false;  ///< whether region_contributions can go by the table
};

/// All of them; what each is for: docs/rules.md.
const std::vector<RuleSet>& rule_sets();

/// The set of that name, or the rules of a JSON file (a path that ends in .json), see
/// read_rule_table; they go back from the target unless one of them goes forward only. Throws Error
/// listing the names.
RuleSet find_rule_set(const std::string& name_or_file);

/// The same set where relevance passes layer norms unchanged, see the table's with_identity_norms.
/// Throws Error for a set that moves no relevance.
RuleSet with_identity_norms(RuleSet set);

struct RuleSetOptions {
  std::optional<BiasPolicy> biases = {};         ///< another than the publication's
  std::optional<PositionPolicy> positions = {};  ///< the same
  Progress progress = {};
};

/// The contributions of an image's patches by a rule set, for several targets. An aggregation's are
/// not in logits (Contributions::in_logits), and the same for every target. Throws Error for a
/// policy that the set cannot follow, and as contributions, region_contributions, token_aggregation
/// and published_tracing do; Cancelled.
std::vector<Contributions> attribute(const RecordedImage& recorded, std::span<const Target> targets,
                                     const RuleSet& set, const RuleSetOptions& options = {});

}  // namespace whyclip
