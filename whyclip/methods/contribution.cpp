// The rule sets as methods: shares, and relevance.

#include "whyclip/attribution/rule_sets.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

std::string cost_of(Direction direction) {
  switch (direction) {
    case Direction::kBack:
      return "F + B";
    case Direction::kForward:
      return "F + a B for each patch";
    case Direction::kAggregation:
      return "F + matrices of token mixing";
    case Direction::kTracing:
      return "F × patches, in double";
  }
  return "";
}

Method method_of(const RuleSet& set) {
  return {{.name = set.name,
           .family = MethodFamily::kContribution,
           .summary = set.summary,
           .source = set.source,
           .cost = cost_of(set.direction),
           .is_signed = set.direction != Direction::kAggregation,
           .complete = set.complete,
           .in_logits = set.direction != Direction::kAggregation,
           .options = {}},
          [set](Subject& subject, const MethodSettings&, const Progress& progress) {
            const Contributions shares =
                attribute(subject.image(), {&subject.target(), 1}, set, {.progress = progress})[0];
            Attribution result{.patches = shares.patches};
            if (shares.in_logits) {
              result.elsewhere = shares.sum - shares.patch_sum;
              result.total = shares.logit;
            }
            return result;
          }};
}

}  // namespace

std::vector<Method> contribution_methods() {
  std::vector<Method> methods;
  for (const RuleSet& set : rule_sets()) methods.push_back(method_of(set));
  return methods;
}

}  // namespace whyclip
