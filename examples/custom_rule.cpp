// A custom rule, end to end; docs/add-a-rule.md explains it. Usage: custom_rule IMAGE RULES.json
#include <algorithm>
#include <iostream>
#include <numeric>

#include "examples/tangent_rule.h"

namespace {

using namespace whyclip;

/// The table of rules/gentle.json in C++.
RuleTable gentle() {
  using enum OpKind;
  return {"gentle",
          Quantity::kGradient,
          {{{kAttentionScores, kSoftmax, kAttentionMix},
            "vision.blocks.[01].*",
            rule_by_name("query_key", 16)},
           {{kAttentionScores, kSoftmax}, "", constant()},
           {{}, "", frozen_gains()}}};
}

/// The table with another rule for the activations; the first row that matches applies.
RuleTable with_activations(RuleTable table, RulePtr rule) {
  table.rows.insert(table.rows.begin(), {{OpKind::kActivation}, "", std::move(rule)});
  return table;
}

struct RuleContributions {
  std::vector<double> patches;
  double others = 0;
  BackwardResult backward;
};

RuleContributions contributions_of(const RecordedImage& recorded, const Target& target,
                                   const RuleTable& rules) {
  const auto width = std::int64_t(target.direction.size());
  RuleContributions result;
  result.backward = propagate_backward(
      recorded.workspace(), recorded.record(), rules, "vision.normalized",
      Tensor::from(1, width, target.direction), {"vision.patches"}, {.balances = true});
  result.patches = row_contributions(rules.quantity, result.backward.gradients.at("vision.patches"),
                                     recorded.record().at("vision.patches"));
  for (const AdditiveContribution& additive_term : result.backward.additive_terms)
    result.others += additive_term.contributions[0];
  return result;
}

void report(const std::string& title, const RuleContributions& contributions) {
  const double patches =
      std::accumulate(contributions.patches.begin(), contributions.patches.end(), 0.0);
  const auto largest = std::max_element(contributions.patches.begin(), contributions.patches.end());
  std::cout << title << ": logit " << contributions.backward.balances[0].front().output
            << ", patches " << patches << " + other sources " << contributions.others << " = "
            << patches + contributions.others << "; most from patch "
            << largest - contributions.patches.begin() << " (" << *largest << ")\n";
  const std::optional<Balance> leak = first_leak(contributions.backward.balances[0]);
  if (!leak) {
    std::cout << "  no op leaks\n";
    return;
  }
  std::cout << "  the first leak is at " << leak->trace_point << " (" << leak->op << ", rule "
            << leak->rule << "): " << leak->leak() << " of " << leak->output << "\n";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw Error("usage", "custom_rule IMAGE RULES.json");
  const Clip clip = Clip::embedded();
  const RecordedImage recorded(clip, clip.prepare(read_image(argv[1])));
  const std::vector<std::string> classes{"cat", "dog", "bird"};
  const Target cat = class_target(clip, zero_shot_classes(clip, classes, simple_templates()), 0);

  const RulePtr tangent = std::make_shared<TangentRule>();
  const RuleContributions from_code =
                              contributions_of(recorded, cat, with_activations(gentle(), tangent)),
                          from_file = contributions_of(
                              recorded, cat, with_activations(read_rule_table(argv[2]), tangent));
  report("frozen gates", contributions_of(recorded, cat, gentle()));
  report("tangent", from_code);
  report("bare derivative",
         contributions_of(recorded, cat, with_activations(gentle(), derivative())));
  if (from_code.patches != from_file.patches)
    throw Error(argv[2], "is not the table of this program");
  std::cout << argv[2] << " is the same table\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
