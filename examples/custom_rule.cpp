// A rule of one's own, end to end; docs/add-a-rule.md walks through it.
// Usage: custom_rule PICTURE RULES.json
#include <algorithm>
#include <iostream>
#include <numeric>

#include "examples/tangent_rule.h"

namespace {

using namespace whyclip;

/// What rules/gentle.json says, in C++.
RuleTable gentle() {
  using enum OpKind;
  return {"gentle",
          Moves::kGradient,
          {{{kAttentionScores, kSoftmax, kAttentionMix},
            "vision.blocks.[01].*",
            rule_by_name("query_key", 16)},
           {{kAttentionScores, kSoftmax}, "", constant()},
           {{}, "", frozen_gains()}}};
}

/// The table with another rule for the activations: the first row that matches counts.
RuleTable with_activations(RuleTable table, RulePtr rule) {
  table.rows.insert(table.rows.begin(), {{OpKind::kActivation}, "", std::move(rule)});
  return table;
}

struct Shares {
  std::vector<double> patches;
  double others = 0;
  Walk walk;
};

Shares shares_of(const RecordedImage& image, const Target& target, const RuleTable& rules) {
  const auto width = std::int64_t(target.direction.size());
  Shares result;
  result.walk =
      propagate(image.workspace(), image.record(), rules, "vision.normalized",
                Tensor::from(1, width, target.direction), {"vision.patches"}, {.balances = true});
  result.patches = row_shares(rules.moves, result.walk.gradients.at("vision.patches"),
                              image.record().at("vision.patches"));
  for (const OffsetShares& offset : result.walk.offsets) result.others += offset.shares[0];
  return result;
}

void report(const std::string& title, const Shares& shares) {
  const double patches = std::accumulate(shares.patches.begin(), shares.patches.end(), 0.0);
  const auto most = std::max_element(shares.patches.begin(), shares.patches.end());
  std::cout << title << ": logit " << shares.walk.balances[0].front().output << ", patches "
            << patches << " + other sources " << shares.others << " = " << patches + shares.others
            << "; most from patch " << most - shares.patches.begin() << " (" << *most << ")\n";
  const std::optional<Balance> leak = first_leak(shares.walk.balances[0]);
  if (!leak) {
    std::cout << "  no op leaks\n";
    return;
  }
  std::cout << "  the first leak is at " << leak->trace_point << " (" << leak->op << ", rule "
            << leak->rule << "): " << leak->leak() << " of " << leak->output << "\n";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw Error("usage", "custom_rule PICTURE RULES.json");
  const Clip clip = Clip::embedded();
  const RecordedImage image(clip, clip.prepare(read_picture(argv[1])));
  const std::vector<std::string> classes{"cat", "dog", "bird"};
  const Target cat = class_target(clip, zero_shot_classes(clip, classes, simple_templates()), 0);

  const RulePtr tangent = std::make_shared<TangentRule>();
  const Shares ours = shares_of(image, cat, with_activations(gentle(), tangent)),
               from_file =
                   shares_of(image, cat, with_activations(read_rule_table(argv[2]), tangent));
  report("frozen gates", shares_of(image, cat, gentle()));
  report("tangent", ours);
  report("bare derivative", shares_of(image, cat, with_activations(gentle(), derivative())));
  if (ours.patches != from_file.patches) throw Error(argv[2], "is not the table of this program");
  std::cout << argv[2] << " is the same table\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
