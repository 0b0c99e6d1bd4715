// Every rule set runs and has the properties that it declares.

#include "whyclip/methods/rule_sets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <set>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/split_tower.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace rule_sets_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

/// Largest residual of a complete set, relative to 1 + |logit|: float32 rounding. The quadrature
/// error of the query–key path is smaller.
constexpr double kComplete = 1e-5;
/// Larger than rounding: a rule is not conservative.
constexpr double kLeaks = 1e-2;
/// Largest residual from the stabiliser ε = 1e-6 of relevance rules.
constexpr double kStabiliser = 1e-3;

double leak(const Contributions& result) {
  return std::abs(result.residual) / (1 + std::abs(result.logit));
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const RuleSet& set : rule_sets()) result.push_back(set.name);
  return result;
}

/// One model per activation, shared by all tests of this file.
const Clip& tiny(ActivationKind activation) {
  static const Clip gelu = tiny_clip(ActivationKind::kGelu),
                    quick = tiny_clip(ActivationKind::kQuickGelu);
  return activation == ActivationKind::kGelu ? gelu : quick;
}

class EverySet : public ::testing::TestWithParam<std::string> {
 protected:
  const RuleSet set = find_rule_set(GetParam());
  const Clip& clip = tiny(ActivationKind::kQuickGelu);
  std::vector<Target> targets = tiny_targets();
};

TEST_P(EverySet, GivesContributionsOfThePatchesForEachTarget) {
  for (const auto& [width, height] : {std::pair{16, 16}, {20, 12}}) {
    const RecordedImage recorded(clip, tiny_image(width, height));
    const std::vector<Contributions> results = attribute(recorded, targets, set);
    ASSERT_EQ(results.size(), 2u);
    for (std::size_t t = 0; t < 2; ++t) {
      const Contributions& result = results[t];
      EXPECT_EQ(result.method, set.name);
      EXPECT_EQ(result.target_kind, "prompt");
      EXPECT_EQ(result.target_name, targets[t].name);
      EXPECT_EQ(result.grid.columns, width / 4);
      EXPECT_EQ(result.grid.rows, height / 4);
      ASSERT_EQ(result.patches.size(), std::size_t(width * height / 16));
      EXPECT_TRUE(std::ranges::all_of(result.patches, [](float v) { return std::isfinite(v); }));
      EXPECT_GT(testing::largest(result.patches), 0);
      // Two summation orders of 20 float32 products.
      const double logit = target_value(targets[t], recorded.embedding());
      EXPECT_NEAR(result.logit, logit, 1e-5 * (1 + std::abs(logit)));
    }
  }
}

TEST_P(EverySet, SumIsTheSumOfItsEntries) {
  const RecordedImage recorded(clip, tiny_image());
  for (const Contributions& result : attribute(recorded, targets, set)) {
    double biases = 0;
    for (const Contribution& bias : result.biases) biases += bias.contribution;
    // Patches are stored in float32.
    EXPECT_NEAR(result.patch_sum,
                std::accumulate(result.patches.begin(), result.patches.end(), 0.0),
                1e-6 * 16 * testing::largest(result.patches));
    EXPECT_NEAR(result.sum,
                result.patch_sum + result.class_token + result.position_embedding + biases,
                1e-9 * (1 + std::abs(result.sum)));
    EXPECT_EQ(result.residual, result.in_logits ? result.logit - result.sum : 0);
    EXPECT_GE(result.cancellation(), 1 - 1e-6);
  }
}

TEST_P(EverySet, SeveralTargetsAtOnceEqualSingleTargets) {
  const RecordedImage recorded(clip, tiny_image());
  const std::vector<Contributions> together = attribute(recorded, targets, set);
  for (std::size_t t = 0; t < 2; ++t) {
    const Contributions alone = attribute(recorded, {&targets[t], 1}, set)[0];
    EXPECT_TRUE(all_close(together[t].patches, alone.patches, 0));
    EXPECT_EQ(together[t].sum, alone.sum);
  }
}

/// The largest leak over both activations, three grid shapes and all targets.
double largest_leak(const RuleSet& set) {
  double most = 0;
  for (const ActivationKind activation : {ActivationKind::kQuickGelu, ActivationKind::kGelu}) {
    for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {64, 16}}) {
      const RecordedImage recorded(tiny(activation), tiny_image(width, height));
      for (const Contributions& result : attribute(recorded, tiny_targets(), set)) {
        EXPECT_EQ(result.in_logits, set.direction != Direction::kAggregation);
        most = std::max(most, leak(result));
      }
    }
  }
  return most;
}

/// Relevance sets that lose only the stabiliser, or outputs without positive terms: not complete,
/// but with a small residual on most images.
bool loses_only_stabiliser(const RuleSet& set) {
  return set.name == "gamma" || set.name == "z-plus" || set.name == "attnlrp-vit" ||
         set.name == "cp-lrp";
}

TEST_P(EverySet, IsCompleteIfAndOnlyIfItIsDeclared) {
  const double most = largest_leak(set);
  RecordProperty("largest_leak", std::to_string(most));
  if (set.complete) {
    EXPECT_LE(most, kComplete);
  } else if (loses_only_stabiliser(set)) {
    EXPECT_LE(most, kStabiliser);
  } else if (set.direction != Direction::kAggregation) {
    EXPECT_GT(most, 2 * kComplete);
  }
}

TEST_P(EverySet, ExplainsAnImageWithTheEmbeddedModel) {
  const testing::Golden golden("toons/cat_and_dog");
  const RecordedImage recorded(testing::toons(), testing::toons_image(golden));
  const std::vector<Target> of{testing::toons_target(testing::kToonsContrasts[1], "class"),
                               testing::toons_target(testing::kToonsContrasts[1], "contrast")};
  const std::vector<Contributions> results = attribute(recorded, of, set);
  ASSERT_EQ(results.size(), 2u);
  for (const Contributions& result : results) {
    EXPECT_EQ(result.patches.size(), 144u);
    EXPECT_TRUE(std::ranges::all_of(result.patches, [](float v) { return std::isfinite(v); }));
    EXPECT_NEAR(result.logit, golden.floats("ledger." + result.target_kind + ".target")[0], 1e-4);
    EXPECT_LE(leak(result), set.complete ? kComplete : INFINITY) << result.target_name;
  }
  // Contributions depend on the target unless the set is target-independent.
  EXPECT_EQ(results[0].patches == results[1].patches, !results[0].in_logits);
}

TEST_P(EverySet, AcceptsAnotherPolicyOnlyIfItPropagatesBackward) {
  const RecordedImage recorded(clip, tiny_image());
  const auto biases = set.biases == BiasPolicy::kEqual ? BiasPolicy::kOwn : BiasPolicy::kEqual;
  const auto positions =
      set.positions == PositionPolicy::kOwn ? PositionPolicy::kToken : PositionPolicy::kOwn;
  const auto call = [&](const RuleSetOptions& options) {
    return error_of([&] { attribute(recorded, targets, set, options); });
  };
  if (set.direction == Direction::kBackward) {
    const Contributions own = attribute(recorded, targets, set)[0],
                        other = attribute(recorded, targets, set,
                                          {.biases = biases, .positions = positions})[0];
    EXPECT_NEAR(own.sum, other.sum, 1e-9 * (1 + std::abs(own.sum)));
    EXPECT_FALSE(all_close(own.patches, other.patches, 1e-3));
    return;
  }
  EXPECT_TRUE(mentions(call({.biases = biases}), {set.name, "bias policy"}));
  EXPECT_TRUE(mentions(call({.positions = positions}), {set.name, "position policy"}));
  EXPECT_EQ(call({.biases = set.biases, .positions = set.positions}), "(no error)");
}

TEST_P(EverySet, RejectsAnEmptyListOfTargets) {
  const RecordedImage recorded(clip, tiny_image());

  EXPECT_TRUE(mentions(error_of([&] { attribute(recorded, {}, set); }), {"targets"}));
}

TEST_P(EverySet, HasASummaryAndAReferenceOfOneLine) {
  for (const std::string& line : {set.summary, set.reference}) {
    const auto columns = std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    EXPECT_GT(columns, 10);
    EXPECT_LE(columns, 90);
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
  EXPECT_EQ(set.table.has_value(),
            set.direction == Direction::kBackward || set.direction == Direction::kForward);
}

std::string case_name(const ::testing::TestParamInfo<std::string>& case_info) {
  std::string result = case_info.param;
  std::ranges::replace(result, '-', '_');
  return result;
}

INSTANTIATE_TEST_SUITE_P(RuleSets, EverySet, ::testing::ValuesIn(names()), case_name);

TEST(IncompleteSets, AreNotConservativeOrLoseTheStabiliser) {
  for (const char* name : {"gradient", "fullgrad", "epsilon", "attnlrp", "contextual"}) {
    EXPECT_FALSE(find_rule_set(name).complete);
    EXPECT_GE(largest_leak(find_rule_set(name)), kLeaks) << name;
  }
  for (const char* name : {"gamma", "z-plus", "attnlrp-vit", "cp-lrp"}) {
    EXPECT_FALSE(find_rule_set(name).complete);
    EXPECT_LE(largest_leak(find_rule_set(name)), kStabiliser) << name;
  }
}

TEST(IncompleteSets, LoseMoreWithALargerStabiliser) {
  RuleSet set = find_rule_set("cp-lrp");
  double before = largest_leak(set);
  for (const double epsilon : {1e-4, 1e-2}) {
    set.table = cp_lrp_rules(epsilon);
    const double now = largest_leak(set);
    EXPECT_GT(now, 20 * before) << epsilon;  // a hundred times ε
    before = now;
  }
}

class Aggregations : public ::testing::TestWithParam<const char*> {};

TEST_P(Aggregations, AreFractionsOfOneAndTargetIndependent) {
  const Clip& clip = tiny(ActivationKind::kGelu);
  const RecordedImage recorded(clip, tiny_image(20, 12));
  const std::vector<Contributions> results =
      attribute(recorded, tiny_targets(), find_rule_set(GetParam()));
  for (const Contributions& result : results) {
    EXPECT_FALSE(result.in_logits);
    EXPECT_EQ(result.patches, results[0].patches);
    EXPECT_GE(*std::ranges::min_element(result.patches), 0);
    EXPECT_GE(result.class_token, 0);
    EXPECT_NEAR(result.sum, 1, 1e-6);
    EXPECT_EQ(result.residual, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(RuleSets, Aggregations, ::testing::Values("globenc", "alti"),
                         [](const auto& case_info) { return std::string(case_info.param); });

TEST(AggregationSets, Differ) {
  const Clip& clip = tiny(ActivationKind::kGelu);
  const RecordedImage recorded(clip, tiny_image());
  const std::vector<Target> targets = tiny_targets();

  EXPECT_FALSE(all_close(attribute(recorded, targets, find_rule_set("globenc"))[0].patches,
                         attribute(recorded, targets, find_rule_set("alti"))[0].patches, 1e-3));
}

struct SplitCase {
  const char* name;
  testing::Split split;
  ActivationKind activation;
};

class ForwardSets : public ::testing::TestWithParam<SplitCase> {};

TEST_P(ForwardSets, EqualTheFloat64Reference) {
  const Clip& clip = tiny(GetParam().activation);
  const RecordedImage recorded(clip, tiny_image());
  const testing::SplitTower tower(testing::tiny_tensors(), GetParam().activation, GetParam().split);
  for (const Target& target : tiny_targets()) {
    const std::vector<double> expected = tower.contributions(
        reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels)), target.direction);
    const std::vector<float> patches(expected.begin(), expected.begin() + 16);
    const Contributions result =
        attribute(recorded, {&target, 1}, find_rule_set(GetParam().name))[0];
    const double tolerance = 1e-4 * testing::largest(patches);
    EXPECT_TRUE(all_close(result.patches, patches, tolerance));
    EXPECT_NEAR(result.class_token, expected[16], tolerance);
    EXPECT_NEAR(result.position_embedding, expected[17], tolerance);
    EXPECT_TRUE(result.biases.empty());  // distributed over the regions
  }
}

INSTANTIATE_TEST_SUITE_P(
    RuleSets, ForwardSets,
    ::testing::Values(SplitCase{"decompx", testing::Split::kAbsDot, ActivationKind::kQuickGelu},
                      SplitCase{"decompx", testing::Split::kAbsDot, ActivationKind::kGelu},
                      SplitCase{"contextual", testing::Split::kContextual,
                                ActivationKind::kQuickGelu},
                      SplitCase{"contextual", testing::Split::kContextual, ActivationKind::kGelu}),
    [](const auto& case_info) {
      return std::string(case_info.param.name) + "_" +
             std::string(name_of(case_info.param.activation));
    });

TEST(RuleSets, HaveUniqueNames) {
  const std::vector<std::string> all = names();

  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(all.front(), "contributions");
  for (const std::string& name : all) {
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos) << name;
  }
}

TEST(RuleSets, HaveDirectionsWithNames) {
  EXPECT_EQ(name_of(Direction::kBackward), "backward");
  EXPECT_EQ(name_of(Direction::kForward), "forward");
  EXPECT_EQ(name_of(Direction::kAggregation), "aggregation");
}

TEST(RuleSets, UnknownNameIsAnErrorThatListsTheNames) {
  const std::string message = error_of([] { find_rule_set("gradients"); });
  EXPECT_TRUE(mentions(message, {"method", "\"gradients\"", ".json"}));
  for (const std::string& name : names()) EXPECT_TRUE(mentions(message, {name}));
}

class CustomRuleSets : public ::testing::Test {
 protected:
  std::string write(const std::string& text) const {
    const auto path = folder.path() / "own.json";
    std::ofstream(path) << text;
    return path.string();
  }
  testing::TemporaryFolder folder;
  std::vector<Target> targets = tiny_targets();
};

TEST_F(CustomRuleSets, AreReadFromJson) {
  const RuleSet set = find_rule_set(write(R"({"name": "mine", "quantity": "gradient", "rows": [
      {"ops": ["attention_scores", "softmax"], "rule": "constant"}, {"rule": "frozen"}]})"));
  EXPECT_EQ(set.name, "mine");
  EXPECT_EQ(set.direction, Direction::kBackward);
  EXPECT_TRUE(mentions(set.summary, {"gradient"}));
  EXPECT_TRUE(mentions(set.reference, {"own.json"}));
  EXPECT_FALSE(set.complete);  // completeness of custom rules is unknown

  const Clip& clip = tiny(ActivationKind::kGelu);
  const RecordedImage recorded(clip, tiny_image());
  const Contributions custom = attribute(recorded, targets, set)[0],
                      built_in = attribute(recorded, targets, find_rule_set("contributions"))[0];
  EXPECT_EQ(custom.method, "mine");
  EXPECT_EQ(custom.patches, built_in.patches);
}

// The table in docs/rules.md, with the identity rule for layer norms, and the same table without
// layer_norm in its first row.
TEST_F(CustomRuleSets, ChooseTheRuleForLayerNorms) {
  const RecordedImage recorded(tiny(ActivationKind::kGelu), tiny_image());
  const auto patches_with = [&](const std::string& ops) {
    const RuleSet set = find_rule_set(write(R"({"name": "mine", "quantity": "relevance", "rows": [
        {"ops": [)" + ops + R"("normalise", "activation", "scale"], "rule": "identity"},
        {"ops": ["attention_scores", "attention_mix"], "rule": "uniform"},
        {"ops": ["softmax"], "rule": "softmax_taylor"},
        {"rule": "epsilon"}]})"));
    return attribute(recorded, targets, set)[0].patches;
  };
  const RuleSet attnlrp = find_rule_set("attnlrp");

  EXPECT_EQ(patches_with(R"("layer_norm", )"),
            attribute(recorded, targets, with_identity_norms(attnlrp))[0].patches);
  EXPECT_EQ(patches_with(""), attribute(recorded, targets, attnlrp)[0].patches);
}

TEST_F(CustomRuleSets, PropagateForwardIfARuleIsForwardOnly) {
  const RuleSet set = find_rule_set(write(R"({"name": "mine", "quantity": "gradient", "rows": [
      {"ops": ["attention_scores", "softmax"], "rule": "constant"},
      {"rule": "shared_terms"}]})"));
  EXPECT_EQ(set.direction, Direction::kForward);

  const RecordedImage recorded(tiny(ActivationKind::kGelu), tiny_image());
  EXPECT_EQ(attribute(recorded, targets, set)[0].patches,
            attribute(recorded, targets, find_rule_set("decompx"))[0].patches);
}

TEST_F(CustomRuleSets, AMissingFileIsAnErrorWithItsName) {
  EXPECT_TRUE(mentions(error_of([&] { find_rule_set((folder.path() / "no.json").string()); }),
                       {"no.json"}));
}

TEST_F(CustomRuleSets, AnInvalidFieldIsAnErrorWithFileAndField) {
  EXPECT_TRUE(mentions(error_of([&] {
                         find_rule_set(
                             write(R"({"name": "mine", "quantity": "sideways", "rows": []})"));
                       }),
                       {"own.json", "quantity", "sideways"}));
}

TEST_F(CustomRuleSets, CanBeCancelledInEveryDirection) {
  const Clip& clip = tiny(ActivationKind::kGelu);
  const RecordedImage recorded(clip, tiny_image());
  const auto stop = [](std::string_view, std::int64_t, std::int64_t) { return false; };
  for (const char* name : {"query-key", "decompx"}) {
    EXPECT_THROW(attribute(recorded, targets, find_rule_set(name), {.progress = stop}), Cancelled)
        << name;
  }
}

}  // namespace rule_sets_test
}  // namespace whyclip
