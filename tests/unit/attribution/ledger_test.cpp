// The logit as the sum of the components' outputs in the residual stream.

#include "whyclip/attribution/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/support/close.h"
#include "tests/support/conservation.h"
#include "tests/support/errors.h"
#include "tests/support/scalar_network.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/direct_effects.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace ledger_test {

using testing::all_close;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

using Rows = reference::Matrix<double>;

/// "vision.blocks.3.mlp_out" → 4, the number of stream rows before it; 0 for the first norm, a
/// large number after the last block.
int rows_before(const std::string& trace_point) {
  if (trace_point == "vision.ln_pre") return 0;
  if (trace_point == "vision.pooled") return 100;
  return 1 + std::stoi(trace_point.substr(std::string("vision.blocks.").size()));
}

struct Case {
  ActivationKind activation;
  bool query_key;
};

class LedgerOfTiny : public ::testing::TestWithParam<Case> {
 protected:
  RuleTable rules() const {
    return GetParam().query_key ? query_key_rules() : contribution_rules();
  }

  Clip clip = tiny_clip(GetParam().activation);
  RecordedImage recorded{clip, tiny_image()};
  std::vector<Target> targets = tiny_targets();
};

TEST_P(LedgerOfTiny, ComponentsAddUpToTheLogit) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {4, 4}}) {
    const RecordedImage of(clip, tiny_image(width, height));
    const std::vector<Contributions> sources = contributions(of, targets, rules());
    const std::vector<ComponentLedger> ledgers = component_ledgers(of, targets);
    for (std::size_t t = 0; t < targets.size(); ++t) {
      const ComponentLedger& components = ledgers[t];
      double sum = components.embedding + components.embedding_bias + components.last_bias;
      for (const LedgerBlock& block : components.blocks) sum += block.sum();

      EXPECT_NEAR(components.sum, sum, 1e-9);
      EXPECT_EQ(components.residual, sources[t].logit - components.sum);
      EXPECT_LE(std::abs(components.residual), 1e-5 * (1 + std::abs(sources[t].logit)));
    }
  }
}

TEST_P(LedgerOfTiny, ComponentsEqualTheBruteForceReference) {
  const std::vector<ComponentLedger> all = component_ledgers(recorded, targets);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const testing::DirectEffects expected = testing::direct_effects(
        testing::tiny_tensors(), GetParam().activation,
        reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels)),
        targets[t].direction);
    const ComponentLedger& components = all[t];
    const double tolerance = 1e-5 * (1 + std::abs(expected.logit));
    EXPECT_NEAR(components.sum + components.residual, expected.logit, tolerance);
    EXPECT_NEAR(components.embedding, expected.embedding, tolerance);
    EXPECT_NEAR(components.embedding_bias, expected.embedding_bias, tolerance);
    EXPECT_NEAR(components.last_bias, expected.last_bias, tolerance);
    ASSERT_EQ(components.blocks.size(), 2u);
    for (std::size_t b = 0; b < 2; ++b) {
      const LedgerBlock& block = components.blocks[b];
      EXPECT_NEAR(block.attention_bias, expected.blocks[b].attention_bias, tolerance) << b;
      EXPECT_NEAR(block.mlp, expected.blocks[b].mlp, tolerance) << b;
      EXPECT_NEAR(block.mlp_bias, expected.blocks[b].mlp_bias, tolerance) << b;
      ASSERT_EQ(block.heads.size(), 3u);
      for (std::size_t h = 0; h < 3; ++h) {
        const std::vector<double>& tokens = expected.blocks[b].head_tokens[h];
        EXPECT_TRUE(all_close(block.head_tokens[h],
                              std::vector<float>(tokens.begin(), tokens.end()), tolerance))
            << b << " " << h;
        EXPECT_NEAR(block.heads[h], std::accumulate(tokens.begin(), tokens.end(), 0.0),
                    3 * tolerance);
      }
    }
  }
}

TEST_P(LedgerOfTiny, SumsOfEachLevelEqualThoseOfTheLevelBelow) {
  for (const ComponentLedger& ledger : component_ledgers(recorded, targets)) {
    double size =
        std::abs(ledger.embedding) + std::abs(ledger.embedding_bias) + std::abs(ledger.last_bias);
    for (const LedgerBlock& block : ledger.blocks) {
      double heads = 0;
      for (std::size_t h = 0; h < 3; ++h) {
        // Tokens are rounded to float32 when they are stored.
        EXPECT_NEAR(block.heads[h],
                    std::accumulate(block.head_tokens[h].begin(), block.head_tokens[h].end(), 0.0),
                    1e-5);
        heads += block.heads[h];
        for (const float contribution : block.head_tokens[h])
          size += std::abs(double(contribution));
      }
      EXPECT_NEAR(block.attention(), heads, 1e-12);
      EXPECT_NEAR(block.sum(), heads + block.attention_bias + block.mlp + block.mlp_bias, 1e-12);
      size += std::abs(block.attention_bias) + std::abs(block.mlp) + std::abs(block.mlp_bias);
    }
    EXPECT_NEAR(ledger.cancellation(), size / std::abs(ledger.sum), 1e-9);
    EXPECT_GE(ledger.cancellation(), 1);
  }
}

// The record of an image has one row in the last block; the reference above has all rows.
TEST_P(LedgerOfTiny, LastBlockIsReadFromItsOneRow) {
  ASSERT_EQ(recorded.record().at("vision.blocks.1.pattern").rows(), 3);
  ASSERT_EQ(recorded.record().at("vision.blocks.1.resid_post").rows(), 1);
  const ComponentLedger ledger = component_ledgers(recorded, targets)[0];

  for (const auto& tokens : ledger.blocks[1].head_tokens) {
    EXPECT_EQ(tokens.size(), 17u);
    EXPECT_GT(testing::largest(tokens), 1e-3);
  }
}

TEST_P(LedgerOfTiny, RowsOfTheStreamAndTheLaterBiasesAddUpToTheLogit) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}}) {
    const RecordedImage of(clip, tiny_image(width, height));
    for (const Ledger& ledger : ledgers(of, targets, rules())) {
      ASSERT_EQ(ledger.stream.size(), 3u);
      for (int row = 0; row < 3; ++row) {
        const std::vector<float>& tokens = ledger.stream[std::size_t(row)];
        EXPECT_EQ(tokens.size(), std::size_t(width * height / 16 + 1));
        double sum = std::accumulate(tokens.begin(), tokens.end(), 0.0);
        for (const Contribution& bias : ledger.sources.biases) {
          if (rows_before(bias.trace_point) > row) sum += bias.contribution;
        }
        // float32's rounding of each token, which may be larger than their sum.
        const double rounding = 1e-6 * testing::largest(tokens) * double(tokens.size());
        EXPECT_NEAR(sum, ledger.sources.logit,
                    1e-5 * (1 + std::abs(ledger.sources.logit)) + rounding)
            << row;
      }
    }
  }
}

TEST_P(LedgerOfTiny, RowsOfTheStreamEqualFloat64) {
  testing::ScalarNetwork network(
      testing::tiny_tensors(), GetParam().activation,
      GetParam().query_key ? std::optional(gauss_legendre(8)) : std::nullopt);
  network.run(reference::matrix_of<double>(Tensor::from(1, 768, tiny_image().pixels)));
  const std::vector<Ledger> all = ledgers(recorded, targets, rules());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    for (std::size_t row = 0; row < 3; ++row) {
      const std::string at =
          row == 0 ? "vision.ln_pre" : "vision.blocks." + std::to_string(row - 1) + ".resid_post";
      const std::vector<double> expected = network.value_rows(at, targets[t].direction);
      const std::vector<float> floats(expected.begin(), expected.end());
      EXPECT_TRUE(all_close(all[t].stream[row], floats, 1e-4 * testing::largest(floats))) << at;
    }
  }
}

TEST_P(LedgerOfTiny, SourcesAreTheContributionsWithBalancesIfRequested) {
  EXPECT_TRUE(ledgers(recorded, targets, rules())[0].sources.balances.empty());
  const std::vector<Ledger> all = ledgers(recorded, targets, rules(), {.balances = true});
  const std::vector<Contributions> expected = contributions(recorded, targets, rules());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    EXPECT_TRUE(all_close(all[t].sources.patches, expected[t].patches, 0));
    EXPECT_EQ(all[t].sources.sum, expected[t].sum);
    EXPECT_EQ(all[t].sources.target_name, targets[t].name);
    EXPECT_TRUE(testing::conserves(all[t].sources.balances));
  }
}

TEST_P(LedgerOfTiny, TargetsAtOnceEqualTargetsAlone) {
  const std::vector<Ledger> together = ledgers(recorded, targets, rules());
  const std::vector<ComponentLedger> components = component_ledgers(recorded, targets);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const Ledger alone = ledgers(recorded, {&targets[t], 1}, rules())[0];
    const ComponentLedger own = component_ledgers(recorded, {&targets[t], 1})[0];
    // The bits of a row do not depend on how many rows are computed together.
    EXPECT_EQ(components[t].sum, own.sum);
    EXPECT_EQ(components[t].embedding, own.embedding);
    EXPECT_EQ(components[t].last_bias, own.last_bias);
    EXPECT_EQ(together[t].stream, alone.stream);
    EXPECT_EQ(together[t].sources.sum, alone.sources.sum);
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(components[t].blocks[b].head_tokens, own.blocks[b].head_tokens);
      EXPECT_EQ(components[t].blocks[b].mlp, own.blocks[b].mlp);
    }
  }
}

std::string case_name(const ::testing::TestParamInfo<Case>& case_info) {
  return std::string(name_of(case_info.param.activation)) +
         (case_info.param.query_key ? "_query_key" : "_frozen");
}

INSTANTIATE_TEST_SUITE_P(Cases, LedgerOfTiny,
                         ::testing::Values(Case{ActivationKind::kQuickGelu, false},
                                           Case{ActivationKind::kGelu, false},
                                           Case{ActivationKind::kQuickGelu, true},
                                           Case{ActivationKind::kGelu, true}),
                         case_name);

class Ledgers : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kGelu);
  RecordedImage recorded{clip, tiny_image()};
  std::vector<Target> targets = tiny_targets();
};

TEST_F(Ledgers, StreamOfRelevanceIsTheRelevanceOfEachRow) {
  const std::vector<Ledger> all = ledgers(recorded, targets, cp_lrp_rules());
  for (const Ledger& ledger : all) {
    for (const Balance& balance : ledger.sources.balances) {
      if (balance.trace_point != "vision.blocks.0.resid_post") continue;
      EXPECT_NEAR(std::accumulate(ledger.stream[1].begin(), ledger.stream[1].end(), 0.0),
                  balance.output, 1e-4 * (1 + balance.size));
    }
  }
}

TEST_F(Ledgers, CallTheGivenObserverOfTheBackwardPass) {
  std::set<std::string> seen;
  const Ledger ledger =
      ledgers(recorded, targets, contribution_rules(),
              {.observe = [&](const Step& step, const Tensor&) { seen.insert(step.name); }})[0];

  EXPECT_TRUE(seen.contains("vision.pooled"));
  EXPECT_GT(testing::largest(ledger.stream[0]), 0);
}

TEST_F(Ledgers, RefuseNoTargets) {
  EXPECT_TRUE(testing::mentions(testing::error_of([&] { ledgers(recorded, {}); }), {"targets"}));
}

/// PyTorch's activations of a golden image, and the embedded model's weights to interpret them.
class LedgerOfToons : public ::testing::TestWithParam<testing::ToonsCase> {
 protected:
  static constexpr std::size_t kBlocks = 5, kHeads = 4, kHeadWidth = 32;
  static constexpr std::int64_t kTokens = 145, kWidth = 128;

  Rows rows(const std::string& name) const {
    return reference::matrix_of<double>(Tensor::from(kTokens, kWidth, golden.floats(name)));
  }
  /// The stream before each block, and after the last one.
  Rows stream(std::size_t row) const {
    return row == 0 ? normed(rows("embedded"), "vision.ln_pre")
                    : rows("blocks." + std::to_string(row - 1) + ".resid_post");
  }
  Rows normed(const Rows& x, const std::string& trace_point) const {
    const auto& norm = op<LayerNorm>(trace_point);
    return reference::layer_norm(x, norm.gamma(), norm.beta(), double(norm.epsilon()));
  }
  template <class T>
  const T& op(const std::string& trace_point) const {
    return static_cast<const T&>(*recorded.record().step(trace_point).op);
  }
  testing::StreamReader reader(const Target& target) const {
    const auto& norm = op<LayerNorm>("vision.pooled");
    return {op<Linear>("vision.embedding").weight(), norm.gamma(), norm.beta(),
            first_row(stream(kBlocks)), target.direction};
  }
  static std::vector<double> first_row(const Rows& x) {
    return {x.values.begin(), x.values.begin() + x.width};
  }

  testing::Golden golden{std::string("toons/") + GetParam().image};
  RecordedImage recorded{testing::toons(), testing::toons_image(golden)};
};

TEST_P(LedgerOfToons, BlocksEqualTheDifferencesOfPyTorchsStream) {
  for (const char* kind : {"prompt", "class", "contrast"}) {
    const Target target = testing::toons_target(GetParam(), kind);
    const ComponentLedger components = component_ledgers(recorded, {&target, 1})[0];
    const testing::StreamReader read = reader(target);
    const double tolerance = 1e-4 * (1 + std::abs(components.sum));
    EXPECT_NEAR(components.sum, golden.floats(std::string("ledger.") + kind + ".target")[0],
                tolerance);
    EXPECT_NEAR(components.embedding + components.embedding_bias, read.read(first_row(stream(0))),
                tolerance);
    EXPECT_NEAR(components.last_bias, read.bias(), tolerance);
    for (std::size_t b = 0; b < kBlocks; ++b) {
      std::vector<double> difference = first_row(stream(b + 1));
      const std::vector<double> before = first_row(stream(b));
      for (std::size_t c = 0; c < difference.size(); ++c) difference[c] -= before[c];
      EXPECT_NEAR(components.blocks[b].sum(), read.read(difference), tolerance) << kind << b;
    }
  }
}

TEST_P(LedgerOfToons, HeadsOfTheFirstAndLastBlockAgreeWithPyTorch) {
  const Target target = testing::toons_target(GetParam(), "contrast");
  const ComponentLedger components = component_ledgers(recorded, {&target, 1})[0];
  const testing::StreamReader read = reader(target);
  for (const std::size_t b : {std::size_t{0}, kBlocks - 1}) {
    const std::string scope = "vision.blocks." + std::to_string(b) + ".";
    const std::vector<float> pattern = golden.floats("blocks." + std::to_string(b) + ".pattern"),
                             out = op<Linear>(scope + "attn_out").weight(),
                             value = op<Linear>(scope + "v").weight();
    const Rows v = reference::linear(normed(stream(b), scope + "ln1"), value, kWidth, {});
    for (std::size_t h = 0; h < kHeads; ++h) {
      std::vector<float> expected;
      for (std::size_t j = 0; j < std::size_t(kTokens); ++j) {
        std::vector<double> head_output(std::size_t(kWidth), 0.0);
        for (std::size_t o = 0; o < head_output.size(); ++o) {
          for (std::size_t c = h * kHeadWidth; c < (h + 1) * kHeadWidth; ++c) {
            head_output[o] +=
                double(out[o * std::size_t(kWidth) + c]) * v.at(std::int64_t(j), std::int64_t(c));
          }
        }
        // The class token's row is the first of each head.
        const auto weight = double(pattern[h * std::size_t(kTokens * kTokens) + j]);
        expected.push_back(float(weight * read.read(head_output)));
      }
      EXPECT_TRUE(all_close(components.blocks[b].head_tokens[h], expected,
                            1e-4 * (1 + testing::largest(expected))))
          << b << " " << h;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, LedgerOfToons, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace ledger_test
}  // namespace whyclip
