#include "whyclip/methods/rule_sets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/rules/rule_json.h"

namespace whyclip {
namespace {

constexpr const char* kFrozen =
    "Frozen-gain contributions: with the attention pattern, the layer norms' 1/σ, the activation "
    "gates and the embedding's norm held at the values they have for this image, the network is "
    "linear in its inputs. The contribution of a patch is what its own embedding brings through "
    "all paths; class token, positions and biases are sources of their own. The contributions add "
    "up to the score. The effect of a patch on the attention pattern is not included.";

RuleTable renamed(RuleTable table, std::string name) {
  table.name = std::move(name);
  return table;
}

std::vector<RuleSet> make_rule_sets() {
  constexpr auto kOwn = BiasPolicy::kOwn, kToken = BiasPolicy::kToken;
  constexpr auto kApart = PositionPolicy::kOwn, kWithToken = PositionPolicy::kToken;
  return {
      {"contributions",
       "additive contributions with attention pattern, 1/σ, gates and ‖z‖ frozen; complete",
       "conservative form of CP-LRP, Ali et al. 2022", Direction::kBackward, true,
       contribution_rules(), kOwn, kApart, true, kFrozen, true},
      {"query-key",
       "contributions, and the effect of each region on the attention pattern; complete",
       "this project; softmax by integrated gradients, Sundararajan et al. 2017",
       Direction::kBackward, true, query_key_rules(), kOwn, kApart, true},
      {"libragrad",
       "FullGrad on the frozen network: each token includes its position embedding and biases",
       "FullGrad+, Mehri et al. 2025", Direction::kBackward, true,
       renamed(contribution_rules(), "libragrad"), kToken, kWithToken},
      {"gradient", "gradient × input of the patch embeddings", "Shrikumar et al. 2017",
       Direction::kBackward, false, gradient_rules(), kOwn, kApart},
      {"fullgrad", "gradient × input plus gradient × bias of each token", "Srinivas & Fleuret 2019",
       Direction::kBackward, false, renamed(gradient_rules(), "fullgrad"), kToken, kWithToken},
      {"epsilon", "LRP-ε in linear layers; attention pattern and 1/σ constant", "Bach et al. 2015",
       Direction::kBackward, false, epsilon_rules(), kOwn, kApart},
      {"gamma", "LRP-γ in linear layers: positive contributions weigh more", "Montavon et al. 2019",
       Direction::kBackward, false, gamma_rules(), kOwn, kApart},
      {"z-plus", "LRP-z⁺ in linear layers: positive contributions only", "Montavon et al. 2017",
       Direction::kBackward, false, z_plus_rules(), kOwn, kApart},
      {"attnlrp", "LRP with rules for the softmax and the matrix products of attention",
       "Achtibat et al. 2024", Direction::kBackward, false, attn_lrp_rules(), kOwn, kApart},
      {"attnlrp-vit",
       "AttnLRP for vision transformers: constant attention pattern, LRP-γ in the MLPs",
       "Achtibat et al. 2024, the authors' code examples for ViT and CLIP", Direction::kBackward,
       false, attn_lrp_vit_rules(), kOwn, kApart},
      {"cp-lrp", "LRP with attention pattern and 1/σ constant", "Ali et al. 2022",
       Direction::kBackward, false, cp_lrp_rules(), kOwn, kApart},
      {"decompx", "frozen gains propagated forward; biases distributed over the regions",
       "Modarressi et al. 2023", Direction::kForward, true, decompx_rules(), kOwn, kApart, true},
      {"contextual", "contextual decomposition of each patch against the rest of the image",
       "Murdoch et al. 2018, Hsu et al. 2024", Direction::kForward, false, contextual_rules(), kOwn,
       kApart, true},
      {"globenc",
       "norms of token-to-token contributions, rolled out; target-independent",
       "Modarressi et al. 2022",
       Direction::kAggregation,
       false,
       {},
       kOwn,
       kWithToken},
      {"alti",
       "distances of token contributions to the output, rolled out; target-independent",
       "Ferrando et al. 2022",
       Direction::kAggregation,
       false,
       {},
       kOwn,
       kWithToken,
       false,
       {},
       false,
       TokenMeasure::kAlti},
  };
}

}  // namespace

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::kBackward:
      return "backward";
    case Direction::kForward:
      return "forward";
    case Direction::kAggregation:
      return "aggregation";
  }
  return "unknown";
}

const std::vector<RuleSet>& rule_sets() {
  static const std::vector<RuleSet> sets = make_rule_sets();
  return sets;
}

RuleSet find_rule_set(const std::string& name_or_file) {
  const std::vector<RuleSet>& sets = rule_sets();
  const auto found = std::find_if(sets.begin(), sets.end(),
                                  [&](const RuleSet& set) { return set.name == name_or_file; });
  if (found != sets.end()) return *found;
  if (name_or_file.ends_with(".json")) {
    RuleTable table = read_rule_table(name_or_file);
    const bool back = std::ranges::all_of(
        table.rows, [](const RuleRow& row) { return row.rule->supports_backward(); });
    const Direction direction = back ? Direction::kBackward : Direction::kForward;
    RuleSet set{
        .name = table.name,
        .summary = fmt::format("propagates {} {}", name_of(table.quantity), name_of(direction)),
        .reference = name_or_file,
        .direction = direction,
        .propagates_forward = true};
    set.table = std::move(table);
    return set;
  }
  std::vector<std::string> names;
  for (const RuleSet& set : sets) names.push_back(set.name);
  throw Error("method",
              fmt::format("there is no rule set \"{}\"; expected one of {}, or the path of a .json "
                          "file with your own rules",
                          name_or_file, fmt::join(names, ", ")),
              ErrorCode::kNotFound);
}

RuleSet with_identity_norms(RuleSet set) {
  if (!set.table) {
    throw Error(set.name, "has no rule table, so its layer norms cannot be changed");
  }
  set.table = with_identity_norms(*std::move(set.table));
  return set;
}

}  // namespace whyclip
