// The ledger of the embedded model against PyTorch.

#include "whyclip/attribution/contributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace contributions_test {

using testing::all_close;
using testing::Golden;
using testing::toons;

/// "layers.3.v_proj.bias" → "vision.blocks.3.v": the golden files use PyTorch's names.
std::string trace_point_of(const std::string& name) {
  if (name == "post_layernorm.bias") return "vision.pooled";
  if (name == "pre_layrnorm.bias") return "vision.ln_pre";
  const std::size_t dot = name.find('.', 7);
  const std::string leaf = name.substr(dot + 1);
  const std::map<std::string, std::string> leaves{
      {"mlp.fc2.bias", "mlp_out"},   {"mlp.fc1.bias", "mlp_pre"}, {"layer_norm2.bias", "ln2"},
      {"out_proj.bias", "attn_out"}, {"v_proj.bias", "v"},        {"layer_norm1.bias", "ln1"}};
  return "vision.blocks." + name.substr(7, dot - 7) + "." + leaves.at(leaf);
}

class Ledger : public ::testing::TestWithParam<testing::ToonsCase> {
 protected:
  Target target(const char* kind) const { return testing::toons_target(GetParam(), kind); }
  Preprocessed image() const { return testing::toons_image(golden); }

  Golden golden{std::string("toons/") + GetParam().image};
};

TEST_P(Ledger, TokensAndBiasesEqualPyTorchForEveryKindOfTarget) {
  const std::vector<Target> targets{target("prompt"), target("class"), target("contrast")};
  const std::vector<Contributions> results = contributions(toons(), image(), targets);
  const nlohmann::json names = nlohmann::json::parse(golden.file().metadata().at("bias_names"));
  for (const Contributions& result : results) {
    const std::string prefix = "ledger." + result.target_kind + ".";
    EXPECT_NEAR(result.logit, golden.floats(prefix + "target")[0], 1e-4) << prefix;
    const std::vector<float> tokens = golden.floats(prefix + "tokens"),
                             biases = golden.floats(prefix + "biases");
    const double tolerance = 1e-4 * std::max(testing::largest(tokens), testing::largest(biases));
    EXPECT_TRUE(all_close(result.patches, tokens, tolerance)) << prefix;
    std::map<std::string, double> actual{{"class_embedding", result.class_token},
                                         {"position_embedding", result.position_embedding}};
    for (const Contribution& bias : result.biases) actual[bias.trace_point] = bias.contribution;
    ASSERT_EQ(actual.size(), biases.size());
    for (std::size_t i = 0; i < biases.size(); ++i) {
      const std::string name = names[i];
      const std::string key = name.ends_with("_embedding") ? name : trace_point_of(name);
      ASSERT_TRUE(actual.contains(key)) << key;
      EXPECT_NEAR(actual[key], biases[i], tolerance) << prefix << key;
    }
  }
}

TEST_P(Ledger, ContributionsAddUpToTheLogit) {
  const std::vector<Target> targets{target("prompt"), target("class"), target("contrast")};
  for (const Contributions& result : contributions(toons(), image(), targets)) {
    EXPECT_LE(std::abs(result.residual), 1e-5 * (1 + std::abs(result.logit))) << result.target_name;
    EXPECT_EQ(result.residual, result.logit - result.sum);
  }
}

TEST_P(Ledger, TargetsPropagatedTogetherEqualTargetsPropagatedAlone) {
  const std::vector<Target> targets{target("prompt"), target("class"), target("contrast")};
  const std::vector<Contributions> together = contributions(toons(), image(), targets);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const Contributions alone = contributions(toons(), image(), {&targets[t], 1})[0];
    EXPECT_TRUE(
        all_close(together[t].patches, alone.patches, 1e-6 * testing::largest(alone.patches)));
    EXPECT_NEAR(together[t].sum, alone.sum, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Ledger, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace contributions_test
}  // namespace whyclip
