// The rule sets of layer-wise relevance propagation against a float64 tower that propagates
// tangents.

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/relevance_tower.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace relevance_sets_test {

using testing::all_close;
using testing::error_of;
using testing::LinearRelevance;
using testing::mentions;
using testing::RelevanceRules;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

constexpr auto kEpsilon = LinearRelevance::kEpsilon, kGamma = LinearRelevance::kGamma,
               kZPlus = LinearRelevance::kZPlus;

struct SetCase {
  const char* label;
  const char* set;
  RelevanceRules rules;
  ActivationKind activation = ActivationKind::kQuickGelu;
};

RuleSet set_of(const SetCase& one) {
  RuleSet set = find_rule_set(one.set);
  return one.rules.identity_norms ? with_identity_norms(std::move(set)) : set;
}

class RelevanceSets : public ::testing::TestWithParam<SetCase> {};

TEST_P(RelevanceSets, EqualTheirRelevanceInFloat64) {
  const SetCase& one = GetParam();
  const Clip clip = tiny_clip(one.activation);
  const RecordedImage recorded(clip, tiny_image());
  const testing::RelevanceTower tower(testing::tiny_tensors(), one.activation, one.rules);
  for (const Target& target : tiny_targets()) {
    const std::vector<double> expected = tower.relevance(
        reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels)), target.direction);
    const std::vector<float> patches(expected.begin(), expected.begin() + 16);
    const Contributions result = attribute(recorded, {&target, 1}, set_of(one))[0];
    // Outputs near 0 divide relevance, which multiplies float32's rounding.
    const double tolerance = 1e-3 * testing::largest(patches);
    EXPECT_TRUE(all_close(result.patches, patches, tolerance));
    EXPECT_NEAR(result.class_token, expected[16], tolerance);
    EXPECT_NEAR(result.position_embedding, expected[17], tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(
    RuleSets, RelevanceSets,
    ::testing::Values(
        SetCase{"Epsilon", "epsilon", {.linear_epsilon = 1e-2}},
        SetCase{
            "EpsilonIdentityNorms", "epsilon", {.linear_epsilon = 1e-2, .identity_norms = true}},
        SetCase{"Gamma", "gamma", {.mlp = kGamma, .other = kGamma, .gamma = 0.25}},
        SetCase{"GammaOfGelu",
                "gamma",
                {.mlp = kGamma, .other = kGamma, .gamma = 0.25},
                ActivationKind::kGelu},
        SetCase{"GammaIdentityNorms",
                "gamma",
                {.mlp = kGamma, .other = kGamma, .gamma = 0.25, .identity_norms = true}},
        SetCase{"ZPlus", "z-plus", {.mlp = kZPlus, .other = kZPlus}},
        SetCase{"ZPlusIdentityNorms",
                "z-plus",
                {.mlp = kZPlus, .other = kZPlus, .identity_norms = true}},
        SetCase{"AttnLrp", "attnlrp", {.attention = true}},
        SetCase{"AttnLrpOfGelu", "attnlrp", {.attention = true}, ActivationKind::kGelu},
        SetCase{"AttnLrpIdentityNorms", "attnlrp", {.identity_norms = true, .attention = true}},
        SetCase{"AttnLrpVit", "attnlrp-vit", {.mlp = kGamma, .other = kEpsilon, .gamma = 0.05}},
        SetCase{"AttnLrpVitOfGelu",
                "attnlrp-vit",
                {.mlp = kGamma, .other = kEpsilon, .gamma = 0.05},
                ActivationKind::kGelu},
        SetCase{"CpLrp", "cp-lrp", {}}),
    [](const auto& case_info) { return std::string(case_info.param.label); });

struct LxtCase {
  const char* label;
  const char* set;
  std::vector<float> rows, columns;
};

/// The sums of the map's rows, and of its columns.
std::pair<std::vector<float>, std::vector<float>> marginals(const Contributions& result) {
  const auto columns = std::size_t(result.grid.columns);
  std::vector<double> of_rows(std::size_t(result.grid.rows), 0.0), of_columns(columns, 0.0);
  for (std::size_t p = 0; p < result.patches.size(); ++p) {
    of_rows[p / columns] += double(result.patches[p]);
    of_columns[p % columns] += double(result.patches[p]);
  }
  return {{of_rows.begin(), of_rows.end()}, {of_columns.begin(), of_columns.end()}};
}

class AuthorsProgram : public ::testing::TestWithParam<LxtCase> {};

// Relevance of the patch embeddings of the golden drawing of a cat and a dog, class cat, by the
// authors' program LXT 2.1 (lxt.explicit.functional: add2, layer_norm, linear_epsilon, matmul,
// softmax, normalize; LRP-γ and z⁺ by Gamma and ZPlus of zennit 0.5.1, as in LXT's examples), run
// on the embedded model in PyTorch in float64. The stabiliser of the rule ε was set to ε·sign(y), ε
// = 1e-6: with the program's default, ε without the sign, one patch differs by 0.014.
TEST_P(AuthorsProgram, ComputesTheSameRelevance) {
  const LxtCase& one = GetParam();
  const testing::Golden golden("toons/cat_and_dog");
  const RecordedImage recorded(testing::toons(), testing::toons_image(golden));
  const Target target = testing::toons_target(testing::kToonsContrasts[1], "class");
  const auto [rows, columns] =
      marginals(attribute(recorded, {&target, 1}, find_rule_set(one.set))[0]);
  // Outputs near 0 divide relevance, which multiplies float32's rounding.
  const double tolerance = 2e-4 * testing::largest(one.columns);
  EXPECT_TRUE(all_close(rows, one.rows, tolerance));
  EXPECT_TRUE(all_close(columns, one.columns, tolerance));
}

INSTANTIATE_TEST_SUITE_P(
    RuleSets, AuthorsProgram,
    ::testing::Values(LxtCase{"AttnLrp",
                              "attnlrp",
                              {0.026121, 0.044163, 0.025367, -0.521568, 0.687494, 1.283820,
                               1.123581, 1.425491, -0.173100, 0.110987, 0.115695, 0.067647},
                              {1.187200, 1.423545, 1.227324, 1.946646, 1.282182, 0.367081,
                               -0.612606, -0.739676, -1.084815, -0.972797, 0.169618, 0.021997}},
                      LxtCase{"AttnLrpVit",
                              "attnlrp-vit",
                              {0.021308, 0.013711, 0.033578, -0.252423, 1.536880, 1.600777,
                               1.191516, 0.941604, -0.345008, -0.013684, -0.000949, 0.008971},
                              {1.162984, 1.124393, 0.953532, 1.759108, 1.554716, 0.326485,
                               -0.510056, -0.282148, -0.766692, -0.744018, 0.146436, 0.011542}},
                      LxtCase{"Gamma",
                              "gamma",
                              {-0.010755, -0.013734, 0.040976, 0.268940, 1.412779, 1.752792,
                               1.235757, 1.128179, 0.044274, -0.018641, -0.012657, -0.010591},
                              {0.655168, 0.652316, 0.611108, 0.806470, 0.861335, 0.386886, 0.129869,
                               0.658462, 0.361229, 0.389940, 0.318977, -0.014441}},
                      LxtCase{"ZPlus",
                              "z-plus",
                              {0.022724, 0.024990, 0.048575, 0.411898, 1.440208, 2.036674, 1.581943,
                               1.582457, 0.584414, 0.041937, 0.047330, 0.030283},
                              {0.504584, 0.699684, 0.900756, 0.832744, 0.927308, 0.549514, 0.480012,
                               1.152654, 0.608739, 0.710783, 0.466247, 0.020410}},
                      LxtCase{"CpLrp",
                              "cp-lrp",
                              {0.071971, 0.097201, 0.016444, -0.460357, 1.677075, 1.722084,
                               1.382318, 2.022629, -0.044209, 0.180230, 0.157361, 0.104394},
                              {1.248878, 1.954520, 1.456767, 2.550939, 1.753558, 0.435539,
                               -0.643294, -0.240961, -0.887400, -0.907684, 0.135411, 0.070866}}),
    [](const auto& case_info) { return std::string(case_info.param.label); });

TEST(IdentityNorms, AreRefusedForTablesWithoutRelevance) {
  for (const char* name : {"contributions", "decompx", "globenc"}) {
    EXPECT_TRUE(mentions(error_of([&] { with_identity_norms(find_rule_set(name)); }), {name}));
  }
}

}  // namespace relevance_sets_test
}  // namespace whyclip
