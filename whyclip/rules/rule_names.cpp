#include "whyclip/rules/rule_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "whyclip/core/error.h"
#include "whyclip/rules/forward_rules.h"
#include "whyclip/rules/query_key.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace {

/// To add a rule, add a row.
struct Entry {
  RuleEntry entry;
  std::function<RulePtr(double)> make;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {{"derivative", "the op's own derivative"}, [](double) { return derivative(); }},
      {{"frozen", "linear, with attention pattern, 1/σ, gate and norm held constant"},
       [](double) { return frozen_gains(); }},
      {{"constant", "the output is a constant: no contribution passes"},
       [](double) { return constant(); }},
      {{"query_key", "half-split scores and mix, softmax by integrated gradients", "nodes", 8,
        true},
       [](double nodes) { return query_key(int(nodes)); }},
      {{"shared_terms",
        "frozen; each additive term divided among the sources by |b · y_r| (DecompX); forward "
        "only"},
       [](double) { return shared_additive_terms(); }},
      {{"contextual",
        "contextual decomposition, each source separated from the rest; forward only"},
       [](double) { return contextual(); }},
      {{"epsilon", "LRP-ε: relevance in proportion to each term, stabilised by ε", "epsilon", 1e-6},
       [](double value) { return epsilon(value); }},
      {{"gamma", "LRP-γ: terms of the output's sign weighted by 1 + γ; linear only", "gamma", 0.25},
       [](double value) { return gamma(value); }},
      {{"z_plus", "LRP-z⁺: positive terms only; linear only"}, [](double) { return z_plus(); }},
      {{"z_plus_without_bias", "LRP-z⁺ without the bias; linear only"},
       [](double) { return z_plus_without_bias(); }},
      {{"identity", "relevance passes unchanged"}, [](double) { return identity(); }},
      {{"uniform", "half of LRP-ε to each factor of a product (AttnLRP)", "epsilon", 1e-6},
       [](double value) { return uniform(value); }},
      {{"balanced", "both inputs of a sum or product in proportion to their sums", "epsilon", 1e-9},
       [](double value) { return balanced(value); }},
      {{"softmax_taylor", "Taylor's expansion of the softmax (AttnLRP)"},
       [](double) { return softmax_taylor(); }}};
  return all;
}

}  // namespace

const std::vector<RuleEntry>& rule_names() {
  static const std::vector<RuleEntry> names = [] {
    std::vector<RuleEntry> result;
    for (const Entry& entry : entries()) result.push_back(entry.entry);
    return result;
  }();
  return names;
}

RulePtr rule_by_name(std::string_view name, std::optional<double> value) {
  const auto found =
      std::ranges::find_if(entries(), [&](const Entry& entry) { return entry.entry.name == name; });
  if (found == entries().end()) {
    std::vector<std::string_view> names;
    for (const Entry& entry : entries()) names.push_back(entry.entry.name);
    throw Error("rule",
                fmt::format("there is no rule \"{}\"; there are {}", name, fmt::join(names, ", ")));
  }
  const RuleEntry& entry = found->entry;
  if (value && entry.parameter.empty()) {
    throw Error("rule", fmt::format("the rule {} has no parameter, got {}", name, *value));
  }
  // Converting a number out of int's range is undefined, so check before the conversion.
  if (value && entry.whole && (*value != std::floor(*value) || std::abs(*value) > 1e6)) {
    throw Error(entry.parameter, fmt::format("expected a whole number, got {}", *value));
  }
  return found->make(value.value_or(entry.default_value));
}

}  // namespace whyclip
