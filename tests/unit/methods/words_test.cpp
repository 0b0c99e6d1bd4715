// The text side of the methods against a float64 reference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny_prompt.h"
#include "whyclip/attribution/text_contributions.h"
#include "whyclip/methods/game.h"

namespace whyclip {
namespace words_test {

using testing::error_of;
using testing::mentions;
using testing::PromptTower;
using WordMethods = testing::MethodsOfTinyPrompt;

constexpr std::size_t kWidth = 16, kHeads = PromptTower::kHeads;

std::vector<double> real_parts(const PromptTower::Rows& rows) {
  std::vector<double> result;
  for (const auto& v : rows.values) result.push_back(v.real());
  return result;
}

template <class Each>
std::vector<double> over_channels(const std::vector<double>& values, Each each) {
  std::vector<double> result(values.size() / kWidth, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[i / kWidth] = each(result[i / kWidth], values[i]);
  }
  return result;
}

TEST_F(WordMethods, HaveSeveralWordsOneWithSeveralTokens) {
  ASSERT_GE(prompt.words().size(), 5u);
  std::size_t most = 0;
  for (const PromptWord& word : prompt.words()) most = std::max(most, word.tokens);
  EXPECT_GT(most, 1u);  // otherwise sums over a word's tokens are not tested
  EXPECT_NEAR(prompt.value(), tower.score().real(), 1e-4);
}

TEST_F(WordMethods, ValueIsTheWeightedLogit) {
  EXPECT_NEAR(prompt.value(),
              kWeight * target_value(prompt_target(clip, zero_shot, 0), image.row(0)), 1e-4);
}

TEST_F(WordMethods, SaliencyIsTheMagnitudeOfTheGradient) {
  const std::vector<double> g = tower.gradient("tokens");
  EXPECT_TRUE(same(words("saliency").words, summed(over_channels(g, [](double a, double v) {
                     return std::max(a, std::abs(v));
                   }))));
}

TEST_F(WordMethods, InputTimesGradientIsTheFirstOrderContributionOfEachWord) {
  std::vector<double> g = tower.gradient("tokens");
  const std::vector<double> x = real_parts(tower.value("tokens"));
  for (std::size_t i = 0; i < g.size(); ++i) g[i] *= x[i];
  EXPECT_TRUE(same(words("input-x-gradient").words, summed(over_channels(g, std::plus<>()))));
}

TEST_F(WordMethods, IntegratedGradientsAreCompleteForEachBaseline) {
  for (const std::string baseline : {"zero", "mean"}) {
    const WordAttribution result = words("integrated-gradients", {{"baseline", baseline}});
    const double sum = std::accumulate(result.words.begin(), result.words.end(), 0.0);
    EXPECT_NEAR(sum + *result.elsewhere, *result.total, 1e-3 * (1 + std::abs(*result.total)));
    EXPECT_GT(std::abs(sum), 1e-2);  // not trivially zero
  }
}

TEST_F(WordMethods, IntegratedGradientsAreTheMeanGradientAlongThePath) {
  const std::vector<double> x = real_parts(tower.value("tokens"));
  std::vector<double> expected(x.size(), 0.0);
  const auto scaled_by = [&](double alpha) {
    return [&, alpha](const std::string& point, PromptTower::Rows& value) {
      if (point != "tokens") return;
      for (std::size_t i = 0; i < x.size(); ++i) value.values[i] = alpha * x[i];
    };
  };
  // two Gauss–Legendre nodes: 1/2 ± 1/√12, each of weight 1/2
  for (const double alpha : {0.5 - 1 / std::sqrt(12.0), 0.5 + 1 / std::sqrt(12.0)}) {
    const std::vector<double> g = tower.gradient("tokens", scaled_by(alpha));
    for (std::size_t i = 0; i < x.size(); ++i) expected[i] += g[i] * x[i] / 2;
  }
  EXPECT_TRUE(same(words("integrated-gradients", {{"nodes", "2"}, {"tolerance", "0"}}).words,
                   summed(over_channels(expected, std::plus<>()))));
}

TEST_F(WordMethods, BlackIsNotABaselineOfWords) {
  EXPECT_TRUE(mentions(error_of([&] {
                         words("integrated-gradients", {{"baseline", "black"}});
                       }),
                       {"baseline", "black", "zero or mean"}));
}

/// The last row of a product of (tokens, tokens) matrices f(block), the first block rightmost.
std::vector<double> last_row_of_product(
    std::size_t tokens, const std::function<std::vector<double>(int block)>& matrix) {
  std::vector<double> row(tokens, 0.0);
  row.back() = 1;
  for (int block = PromptTower::kBlocks - 1; block >= 0; --block) {
    const std::vector<double> m = matrix(block);
    std::vector<double> next(tokens, 0.0);
    for (std::size_t i = 0; i < tokens; ++i) {
      for (std::size_t j = 0; j < tokens; ++j) next[j] += row[i] * m[i * tokens + j];
    }
    row = next;
  }
  return row;
}

std::string pattern_of(int block) { return "blocks." + std::to_string(block) + ".pattern"; }

/// identity + mean over heads of f(position).
std::vector<double> one_plus_mean(std::size_t tokens, const std::function<double(std::size_t)>& f) {
  std::vector<double> m(tokens * tokens, 0.0);
  for (std::size_t i = 0; i < tokens; ++i) m[i * tokens + i] = 1;
  for (std::size_t i = 0; i < tokens; ++i) {  // rows query by query, head by head
    for (std::size_t h = 0; h < kHeads; ++h) {
      for (std::size_t j = 0; j < tokens; ++j) {
        m[i * tokens + j] += f((i * kHeads + h) * tokens + j) / double(kHeads);
      }
    }
  }
  return m;
}

TEST_F(WordMethods, RawAttentionIsTheEndOfTextTokensRow) {
  const auto n = std::size_t(prompt.tokens());
  for (int block = 0; block < PromptTower::kBlocks; ++block) {
    const std::vector<double> a = real_parts(tower.value(pattern_of(block)));
    std::vector<double> row(n, 0.0);
    for (std::size_t h = 0; h < kHeads; ++h) {
      for (std::size_t j = 0; j < n; ++j) {
        row[j] += a[((n - 1) * kHeads + h) * n + j] / double(kHeads);
      }
    }
    EXPECT_TRUE(same(words("raw-attention", {{"layer", std::to_string(block)}}).words, summed(row)))
        << block;
  }
}

TEST_F(WordMethods, RolloutMultipliesTheBlocks) {
  const auto n = std::size_t(prompt.tokens());
  const std::vector<double> row = last_row_of_product(n, [&](int block) {
    const std::vector<double> a = real_parts(tower.value(pattern_of(block)));
    std::vector<double> m = one_plus_mean(n, [&](std::size_t i) { return a[i]; });
    for (double& v : m) v /= 2;
    return m;
  });
  EXPECT_TRUE(same(words("rollout").words, summed(row)));
}

TEST_F(WordMethods, GaeMultipliesPositiveGradientTimesAttention) {
  const auto n = std::size_t(prompt.tokens());
  const std::vector<double> row = last_row_of_product(n, [&](int block) {
    const std::vector<double> a = real_parts(tower.value(pattern_of(block))),
                              g = tower.gradient(pattern_of(block));
    return one_plus_mean(n, [&](std::size_t i) { return std::max(0.0, a[i] * g[i]); });
  });
  EXPECT_TRUE(same(words("gae").words, summed(row)));
}

TEST_F(WordMethods, ContributionsAreThoseOfTextContributions) {
  const TextContributions expected = text_contributions(clip, zero_shot, target(), image.row(0));
  std::vector<double> contributions;
  for (const WordContribution& word : expected.prompts[0].words)
    contributions.push_back(word.contribution);
  EXPECT_TRUE(same(words("contributions").words, contributions));
}

TEST_F(WordMethods, CompleteMethodsAddUp) {
  for (const Method& method : methods()) {
    if (!method.run_words || !method.info.complete) continue;
    const WordAttribution result = words(method.info.name);
    ASSERT_TRUE(result.elsewhere && result.total) << method.info.name;
    const double sum = std::accumulate(result.words.begin(), result.words.end(), *result.elsewhere);
    EXPECT_NEAR(sum, *result.total, 1e-3 * (1 + std::abs(*result.total))) << method.info.name;
    EXPECT_NEAR(*result.total, prompt.value(), 1e-9) << method.info.name;
  }
}

TEST_F(WordMethods, RemovingWordsKeepsThePositionsOfTheOthers) {
  const std::vector<WordSet> kept{{0, 2, 3}, {}, {1}, {4, 0}};
  const std::vector<double> values = prompt.values_keeping(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::vector<int> positions{0};
    WordSet sorted = kept[i];
    std::ranges::sort(sorted);
    for (const int w : sorted) {
      const PromptWord& word = prompt.words()[std::size_t(w)];
      for (std::size_t t = 0; t < word.tokens; ++t) positions.push_back(int(word.first_token + t));
    }
    positions.push_back(prompt.tokens() - 1);
    EXPECT_NEAR(values[i], tower.score_keeping(positions), 1e-4) << i;
  }
}

TEST_F(WordMethods, RejectIndicesOutOfRange) {
  EXPECT_TRUE(mentions(error_of([&] { prompt.values_keeping(std::vector<WordSet>{{99}}); }),
                       {"words", "99"}));
}

TEST_F(WordMethods, ShapleyIsTheMeanOverAllPermutations) {
  // By the definition, from values of prompt.values_keeping, which is tested above.
  const int n = int(prompt.words().size());
  ASSERT_LE(n, 8);
  const std::vector<Coalition> sets = all_coalitions(n);
  const std::vector<double> value = prompt.values_keeping(sets);
  std::vector<int> order(std::size_t(n), 0);
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> expected(std::size_t(n), 0.0);
  double orders = 0;
  do {
    std::size_t before = 0;
    for (const int i : order) {
      const std::size_t after = before | std::size_t{1} << i;
      expected[std::size_t(i)] += value[after] - value[before];
      before = after;
    }
    ++orders;
  } while (std::ranges::next_permutation(order).found);
  for (double& v : expected) v /= orders;
  EXPECT_TRUE(same(words("shapley-exact").words, expected));
  EXPECT_TRUE(same(words("kernel-shap").words, expected));  // fewer coalitions than samples: exact
}

TEST_F(WordMethods, OcclusionIsTheScoreDropWithoutTheWord) {
  const WordAttribution result = words("occlusion");
  for (int w = 0; w < int(result.words.size()); ++w) {
    WordSet others;
    for (int o = 0; o < int(result.words.size()); ++o) {
      if (o != w) others.push_back(o);
    }
    const double without = prompt.values_keeping(std::vector<WordSet>{others})[0];
    EXPECT_NEAR(result.words[std::size_t(w)], tower.score().real() - without, 2e-4);
  }
}

TEST_F(WordMethods, AFeatureHasNoWords) {
  Target feature{.kind = "feature", .name = "feature 3", .direction = prompt.direction()};
  EXPECT_TRUE(mentions(error_of([&] { PromptContext(clip, zero_shot, feature, 0, image.row(0)); }),
                       {"feature 3", "no words"}));
}

}  // namespace words_test
}  // namespace whyclip
