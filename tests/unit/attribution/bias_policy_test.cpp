// The policies for biases and positions: each divides the same total, so the sum is the same.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/scalar_network.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/attribution/contributions.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace bias_policy_test {

using testing::all_close;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

constexpr BiasPolicy kPolicies[] = {BiasPolicy::kOwn, BiasPolicy::kEqual, BiasPolicy::kProportional,
                                    BiasPolicy::kToken};

struct Tokens {
  std::vector<double> patches;
  double class_token;
};

Tokens given(BiasPolicy policy, Tokens tokens) {
  constexpr double kByToken[] = {1, 2, 3, 2};
  give_biases(policy, 8, kByToken, tokens.patches, tokens.class_token);
  return tokens;
}

void expect_tokens(const Tokens& actual, double class_token, const std::vector<double>& patches) {
  EXPECT_DOUBLE_EQ(actual.class_token, class_token);
  ASSERT_EQ(actual.patches.size(), patches.size());
  for (std::size_t p = 0; p < patches.size(); ++p) {
    EXPECT_DOUBLE_EQ(actual.patches[p], patches[p]) << p;
  }
}

TEST(GiveBiases, ChangesNothingIfBiasesAreSeparateEntries) {
  expect_tokens(given(BiasPolicy::kOwn, {{1, -3, 0}, 4}), 4, {1, -3, 0});
}

TEST(GiveBiases, DividesEquallyAmongPatchesAndClassToken) {
  expect_tokens(given(BiasPolicy::kEqual, {{1, -3, 0}, 4}), 6, {3, -1, 2});
}

TEST(GiveBiases, DividesInProportionToTheSizeOfTheContributions) {
  // Σ |contribution| = 8: each token gets its own |contribution|.
  expect_tokens(given(BiasPolicy::kProportional, {{1, -3, 0}, 4}), 8, {2, 0, 0});
}

TEST(GiveBiases, DividesEquallyIfAllContributionsAreZero) {
  expect_tokens(given(BiasPolicy::kProportional, {{0, 0, 0}, 0}), 2, {2, 2, 2});
}

TEST(GiveBiases, AssignsEachTokenTheBiasesOfItsRow) {
  expect_tokens(given(BiasPolicy::kToken, {{1, -3, 0}, 4}), 5, {3, 0, 2});
}

struct Case {
  ActivationKind activation;
  bool query_key;
};

class Policies : public ::testing::TestWithParam<Case> {
 protected:
  RuleTable rules() const {
    return GetParam().query_key ? query_key_rules() : contribution_rules();
  }
  Contributions explain(const RecordedImage& of, const ContributionOptions& options) const {
    return contributions(of, {&target, 1}, rules(), options)[0];
  }
  /// The float64 reference: gains held constant, or with the query–key path.
  testing::ScalarNetwork reference() const {
    testing::ScalarNetwork result(
        testing::tiny_tensors(), GetParam().activation,
        GetParam().query_key ? std::optional(gauss_legendre(8)) : std::nullopt);
    result.run(reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels)));
    return result;
  }

  Clip clip = tiny_clip(GetParam().activation);
  RecordedImage recorded{clip, tiny_image()};
  Target target = tiny_targets()[0];
};

TEST_P(Policies, DivideTheSameSum) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {8, 4}}) {
    const RecordedImage of(clip, tiny_image(width, height));
    const double expected = explain(of, {}).sum;
    for (const BiasPolicy biases : kPolicies) {
      for (const PositionPolicy positions : {PositionPolicy::kOwn, PositionPolicy::kToken}) {
        const Contributions result = explain(of, {.biases = biases, .positions = positions});
        // The same doubles in another order.
        EXPECT_NEAR(result.sum, expected, 1e-11 * (1 + std::abs(expected)));
        EXPECT_LE(std::abs(result.residual), 1e-5 * (1 + std::abs(result.logit)));
        EXPECT_EQ(result.biases.empty(), biases != BiasPolicy::kOwn);
        EXPECT_EQ(result.position_embedding == 0, positions == PositionPolicy::kToken);
        // Patches are rounded to float32 when they are stored.
        EXPECT_NEAR(std::accumulate(result.patches.begin(), result.patches.end(), 0.0),
                    result.patch_sum, 1e-6 * double(result.patches.size()) * 20);
      }
    }
  }
}

TEST_P(Policies, EqualPolicyDividesBiasesByTheNumberOfTokens) {
  const Contributions own = explain(recorded, {}),
                      equal = explain(recorded, {.biases = kPolicies[1]});
  double biases = 0;
  for (const Contribution& bias : own.biases) biases += bias.contribution;

  EXPECT_NEAR(equal.class_token - own.class_token, biases / 17, 1e-9);
  for (std::size_t p = 0; p < 16; ++p) {  // differences of float32
    EXPECT_NEAR(equal.patches[p] - own.patches[p], biases / 17, 1e-5) << p;
  }
}

TEST_P(Policies, ProportionalPolicyScalesEveryTokensContribution) {
  const Contributions own = explain(recorded, {}),
                      result = explain(recorded, {.biases = BiasPolicy::kProportional});
  double biases = 0, size = std::abs(own.class_token);
  for (const Contribution& bias : own.biases) biases += bias.contribution;
  for (const float contribution : own.patches) size += std::abs(double(contribution));

  EXPECT_NEAR(result.class_token - own.class_token, biases * std::abs(own.class_token) / size,
              1e-6);
  for (std::size_t p = 0; p < 16; ++p) {  // differences of float32
    EXPECT_NEAR(result.patches[p] - own.patches[p], biases * std::abs(own.patches[p]) / size, 1e-5)
        << p;
  }
}

TEST_P(Policies, TokenPolicySumsTheRowsOfEachAdditiveTerm) {
  const Contributions own = explain(recorded, {}),
                      result = explain(recorded, {.biases = kPolicies[3]});
  const BackwardResult backward =
      propagate_backward(recorded.workspace(), recorded.record(), rules(), "vision.normalized",
                         Tensor::from(1, 20, target.direction), {"vision.patches"});
  std::vector<double> expected(17, 0.0);
  for (const AdditiveContribution& additive_term : backward.additive_terms) {
    if (additive_term.trace_point == "vision.class_token" ||
        additive_term.trace_point == "vision.embedded") {
      continue;
    }
    // The last block and later ops have only the class token's row.
    const bool last = additive_term.trace_point.starts_with("vision.blocks.1.") &&
                      !additive_term.trace_point.ends_with("ln1") &&
                      !additive_term.trace_point.ends_with(".k") &&
                      !additive_term.trace_point.ends_with(".v");
    const bool all = !last && additive_term.trace_point != "vision.pooled";
    for (std::size_t r = 0; r < additive_term.rows.size(); ++r) {
      expected[all ? r % 17 : 0] += additive_term.rows[r];
    }
  }

  EXPECT_NEAR(result.class_token, own.class_token + expected[0], 1e-9);
  for (std::size_t p = 0; p < 16; ++p) {  // rounded to float32
    EXPECT_NEAR(result.patches[p], double(own.patches[p]) + expected[p + 1], 1e-5) << p;
  }
}

/// The contributions of every token's embedding, position and additive terms in its rows, in
/// float64.
std::vector<double> full_gradient(const testing::ScalarNetwork& network,
                                  const std::vector<float>& direction) {
  std::vector<double> tokens = network.value_rows("vision.patches", direction);
  tokens.insert(tokens.begin(), 0.0);
  for (const auto& [trace_point, rows] : network.additive_rows(direction)) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      tokens[rows.size() % 17 == 0 ? r % 17 : 0] += rows[r];
    }
  }
  return tokens;
}

TEST_P(Policies, TokenPoliciesTogetherEqualFullGradInFloat64) {
  const std::vector<double> expected = full_gradient(reference(), target.direction);
  const std::vector<float> patches(expected.begin() + 1, expected.end());
  const double tolerance = 1e-4 * testing::largest(patches);
  const Contributions result =
      explain(recorded, {.biases = BiasPolicy::kToken, .positions = PositionPolicy::kToken});

  EXPECT_NEAR(result.class_token, expected[0], tolerance);
  EXPECT_TRUE(all_close(result.patches, patches, tolerance));
  if (GetParam().query_key) return;
  const Contributions libragrad = attribute(recorded, {&target, 1}, find_rule_set("libragrad"))[0];
  EXPECT_NEAR(libragrad.class_token, expected[0], tolerance);
  EXPECT_TRUE(all_close(libragrad.patches, patches, tolerance));
}

TEST_P(Policies, TokenPolicyOfPositionsAssignsEachTokenItsRow) {
  const std::vector<double> expected =
      reference().additive_rows(target.direction).at("vision.embedded");
  const Contributions own = explain(recorded, {}),
                      result = explain(recorded, {.positions = PositionPolicy::kToken});
  const double tolerance = 1e-4 * testing::largest(own.patches);

  EXPECT_NEAR(result.class_token - own.class_token, expected[0], tolerance);
  for (std::size_t p = 0; p < 16; ++p) {
    EXPECT_NEAR(result.patches[p] - own.patches[p], expected[p + 1], tolerance) << p;
  }
}

std::string case_name(const ::testing::TestParamInfo<Case>& case_info) {
  return std::string(name_of(case_info.param.activation)) +
         (case_info.param.query_key ? "_query_key" : "_frozen");
}

INSTANTIATE_TEST_SUITE_P(Cases, Policies,
                         ::testing::Values(Case{ActivationKind::kQuickGelu, false},
                                           Case{ActivationKind::kGelu, false},
                                           Case{ActivationKind::kQuickGelu, true},
                                           Case{ActivationKind::kGelu, true}),
                         case_name);

// Three heads and three tokens: the last block's pattern has as many rows as there are tokens, and
// all belong to the class token.
TEST(TokenPolicy, AssignsTheLastBlocksPatternsToTheClassTokenForAnyNumberOfHeads) {
  const Clip clip = tiny_clip(ActivationKind::kGelu);
  const RecordedImage recorded(clip, tiny_image(8, 4));
  const std::vector<Target> targets = tiny_targets();
  const RuleTable rules = query_key_rules();
  const BackwardResult backward = propagate_backward(
      recorded.workspace(), recorded.record(), rules, "vision.normalized",
      seed_of_targets(recorded, targets, Quantity::kGradient), {"vision.patches"});
  for (std::size_t t = 0; t < 2; ++t) {
    std::vector<double> rows(3, 0.0);  // the parts of tokens 1 and 2 come before the last mix
    for (const AdditiveContribution& additive_term : backward.additive_terms) {
      const std::string& at = additive_term.trace_point;
      const bool before = at == "vision.ln_pre" || at.starts_with("vision.blocks.0.") ||
                          at == "vision.blocks.1.ln1" || at == "vision.blocks.1.k" ||
                          at == "vision.blocks.1.v";
      const std::size_t count = additive_term.rows.size() / 2;
      for (std::size_t r = 0; before && r < count; ++r) {
        rows[r % 3] += additive_term.rows[t * count + r];
      }
    }
    const Contributions own = contributions(recorded, targets, rules)[t],
                        result = contributions(recorded, targets, rules,
                                               {.biases = BiasPolicy::kToken})[t];
    for (std::size_t p = 0; p < 2; ++p) {  // differences of float32
      EXPECT_NEAR(result.patches[p] - own.patches[p], rows[p + 1], 1e-5);
    }
    EXPECT_GT(std::abs(rows[1]), 0.1);
  }
}

}  // namespace bias_policy_test
}  // namespace whyclip
