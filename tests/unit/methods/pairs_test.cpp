// Word–patch interactions against a float64 reference and brute force.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny_prompt.h"
#include "tests/unit/methods/tower.h"
#include "whyclip/attribution/interaction.h"
#include "whyclip/core/cholesky.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/fixlip.h"

namespace whyclip {
namespace pairs_test {

using testing::error_of;
using testing::mentions;
using testing::PromptTower;
using testing::replacing;
using testing::Tower;

constexpr std::size_t kPatches = 16, kProjection = 20;

class PairMethods : public testing::MethodsOfTinyPrompt {
 protected:
  PairAttribution pairs(const std::string& method,
                        const std::map<std::string, std::string>& options = {}) {
    const Method& found = find_method(method);
    return found.run_pairs(context, description, MethodSettings(found.info, options), {});
  }

  Preprocessed image = testing::tiny_image();
  ExplanationContext context{clip, image, target(), &zero_shot};
  PromptContext description{clip, zero_shot, target(), 0, context.recorded().embedding()};
};

TEST_F(PairMethods, ContributionsAreTheInteractionMatrixAndComplete) {
  const PairAttribution result = pairs("contributions");
  const Interaction expected = interaction(clip, zero_shot, target(), context.recorded());
  const std::size_t words = description.words().size(), columns = expected.regions.size();
  ASSERT_EQ(result.pairs.size(), words * kPatches);
  for (std::size_t w = 0; w < words; ++w) {
    for (std::size_t p = 0; p < kPatches; ++p) {
      EXPECT_NEAR(result.pairs[w * kPatches + p], expected.contributions[w * columns + p], 1e-6);
    }
  }
  EXPECT_NEAR(result.sum(), *result.total, 1e-5 * (1 + std::abs(*result.total)));
  EXPECT_NEAR(*result.total, description.value(), 1e-4);
}

/// (input − reference) ⊙ Jacobian averaged over α = 1/2 ± 1/√12, summed over the channels of each
/// token, (tokens, projection), at a trace point of a tower.
template <class AnyTower>
std::vector<double> integrated(const AnyTower& tower, const AnyTower& reference,
                               const std::string& point) {
  const auto x = tower.value(point), r = reference.value(point);
  std::vector<double> sums(std::size_t(x.rows) * kProjection, 0.0);
  for (const double alpha : {0.5 - 1 / std::sqrt(12.0), 0.5 + 1 / std::sqrt(12.0)}) {
    const std::vector<double> jacobian =
        tower.embedding_jacobian(point, [&](const std::string& at, typename AnyTower::Rows& value) {
          if (at != point) return;
          for (std::size_t i = 0; i < value.values.size(); ++i) {
            value.values[i] = r.values[i] + alpha * (x.values[i] - r.values[i]);
          }
        });
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      for (std::size_t k = 0; k < kProjection; ++k) {
        sums[i / std::size_t(x.width) * kProjection + k] +=
            (x.values[i] - r.values[i]).real() * jacobian[i * kProjection + k] / 2;
      }
    }
  }
  return sums;
}

double length(const std::vector<double>& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

TEST_F(PairMethods, ExclipIsTheProductOfTheIntegratedJacobiansOfBothTowers) {
  const Tower black(testing::tiny_tensors(), std::vector<float>(3 * 16 * 16, 0.0f),
                    description.direction()),
      seen(testing::tiny_tensors(), image.pixels, description.direction());
  std::vector<std::int32_t> empty = description.ids();
  for (std::size_t i = 1; i < empty.size(); ++i) empty[i] = i == 2 ? description.ids().back() : 0;
  const PromptTower full_prompt(testing::tiny_tensors(), description.ids(),
                                description.direction()),
      empty_prompt(testing::tiny_tensors(), empty, description.direction());
  for (const bool last : {true, false}) {
    const std::string point = last ? "blocks.0.resid_post" : "ln_pre",
                      text_point = last ? "blocks.0.resid_post" : "embedded",
                      layer = last ? "-1" : "0";
    const std::vector<double> f = integrated(seen, black, point),
                              g = integrated(full_prompt, empty_prompt, text_point);
    std::vector<double> z, t;
    for (const auto& v : seen.embedding().values) z.push_back(v.real());
    for (const auto& v : full_prompt.value("embedding").values) t.push_back(v.real());
    const double scale = kWeight * double(clip.logit_scale()) / (length(z) * length(t));

    const PairAttribution result =
        pairs("exclip", {{"nodes", "2"}, {"layer", layer}, {"text-layer", layer}});

    std::vector<double> expected, actual(result.pairs.begin(), result.pairs.end());
    for (const PromptWord& word : description.words()) {
      for (std::size_t p = 0; p < kPatches; ++p) {
        double sum = 0;
        for (std::size_t i = word.first_token; i < word.first_token + word.tokens; ++i) {
          for (std::size_t k = 0; k < kProjection; ++k) {
            sum += scale * g[i * kProjection + k] * f[(p + 1) * kProjection + k];
          }
        }
        expected.push_back(sum);
      }
    }
    EXPECT_TRUE(same(actual, expected)) << "from block " << layer;
  }
}

TEST_F(PairMethods, ExclipIsCompleteForTheScoreRelativeToItsReferences) {
  const PairAttribution result = pairs("exclip", {{"nodes", "32"}});
  EXPECT_NEAR(result.sum(), *result.total, 1e-3 * (1 + std::abs(*result.total)));
  EXPECT_GT(std::abs(*result.total), 1e-2);
}

/// Least squares over all pairs of sets, by the normal equations in float64.
class WholeRegression {
 public:
  /// A coefficient for each of `terms`, coalitions of players; players from `regions` on are words.
  WholeRegression(std::vector<Coalition> terms, int regions)
      : terms_(std::move(terms)),
        regions_(regions),
        matrix_(terms_.size() * terms_.size(), 0.0),
        right_(terms_.size(), 0.0) {}

  void add(const Coalition& regions, const Coalition& words, double value, double weight) {
    Coalition all = regions;
    for (const int word : words) all.push_back(regions_ + word);
    std::vector<std::size_t> with;
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      if (std::ranges::includes(all, terms_[t])) with.push_back(t);
    }
    for (const std::size_t a : with) {
      right_[a] += weight * value;
      for (const std::size_t b : with) matrix_[a * terms_.size() + b] += weight;
    }
  }
  void solve() { solved_ = solve_positive_definite(matrix_, right_, terms_.size()).value(); }
  double of(const Coalition& term) const {
    return solved_[std::size_t(std::ranges::find(terms_, term) - terms_.begin())];
  }

 private:
  std::vector<Coalition> terms_;
  int regions_;
  std::vector<double> matrix_, right_, solved_;
};

/// The empty set, each player, and pairs: all pairs, or only pairs of a region and a word.
std::vector<Coalition> terms_of(int regions, int words, bool within) {
  std::vector<Coalition> terms{{}};
  for (int i = 0; i < regions + words; ++i) terms.push_back({i});
  for (int i = 0; i < regions + words; ++i) {
    for (int j = i + 1; j < regions + words; ++j) {
      if (within || (i < regions && j >= regions)) terms.push_back({i, j});
    }
  }
  return terms;
}

class Fixlip : public PairMethods {
 protected:
  static constexpr int kRegions = 4;
  /// Rounding of float32 scores of about 1, summed in the coefficients.
  static constexpr double kRounding = 1e-4;

  /// The regression over all sets of regions and words, each player kept with probability 0.3.
  WholeRegression whole(bool within) {
    const Regions regions = cell_regions(context.grid(), 2);
    const int words = int(description.words().size());
    WholeRegression all(terms_of(kRegions, words, within), kRegions);
    const std::vector<Coalition> prompts = all_coalitions(words);
    const Tensor texts = description.embeddings_keeping(prompts, {});
    for (const Coalition& set : all_coalitions(kRegions)) {
      const Tensor z = context.embeddings_keeping(std::vector<PatchSet>{patches_of(regions, set)},
                                                  Fill::kRemove);
      for (std::size_t t = 0; t < prompts.size(); ++t) {
        double dot = 0, zz = 0, tt = 0;
        for (std::size_t k = 0; k < kProjection; ++k) {
          const double a = double(z.row(0)[k]), b = double(texts.row(std::int64_t(t))[k]);
          dot += a * b;
          zz += a * a;
          tt += b * b;
        }
        const double kept = double(set.size() + prompts[t].size());
        all.add(set, prompts[t], kWeight * double(clip.logit_scale()) * dot / std::sqrt(zz * tt),
                std::pow(0.3, kept) * std::pow(0.7, double(kRegions + words) - kept));
      }
    }
    all.solve();
    return all;
  }
  PairAttribution fixlip(const std::string& within) {
    return pairs(
        "fixlip",
        {{"cells", "2"}, {"p", "0.3"}, {"pairs", within}, {"images", "64"}, {"prompts", "512"}});
  }
  /// A region's value: its first patch times its number of patches.
  template <class Values>
  double by_region(const Values& patches, int region) const {
    const Regions regions = cell_regions(context.grid(), 2);
    const std::vector<int>& of = regions.regions[std::size_t(region)].patches;
    return double(patches[std::size_t(of[0])]) * double(of.size());
  }
  void expect_singles_and_pairs_across(const PairAttribution& result, const WholeRegression& all) {
    for (int i = 0; i < kRegions; ++i) {
      EXPECT_NEAR(by_region(result.patches, i), all.of({i}), kRounding) << "region " << i;
    }
    for (int j = 0; j < int(description.words().size()); ++j) {
      EXPECT_NEAR(result.words[std::size_t(j)], all.of({kRegions + j}), kRounding) << "word " << j;
      const std::span<const float> row =
          std::span(result.pairs).subspan(std::size_t(j) * kPatches, kPatches);
      for (int i = 0; i < kRegions; ++i) {
        EXPECT_NEAR(by_region(row, i), all.of({i, kRegions + j}), kRounding)
            << "region " << i << ", word " << j;
      }
    }
    EXPECT_NEAR(*result.elsewhere, all.of({}), kRounding);
  }
};

TEST_F(Fixlip, IsTheSecondOrderLeastSquaresOverAllPairsOfSets) {
  const PairAttribution result = fixlip("all");
  const WholeRegression all = whole(true);
  expect_singles_and_pairs_across(result, all);
  const std::size_t words = description.words().size();
  for (std::size_t i = 0; i < words; ++i) {
    EXPECT_EQ(result.word_pairs[i * words + i], 0);
    for (std::size_t j = i + 1; j < words; ++j) {
      EXPECT_NEAR(result.word_pairs[i * words + j], all.of({kRegions + int(i), kRegions + int(j)}),
                  kRounding);
      EXPECT_EQ(result.word_pairs[i * words + j], result.word_pairs[j * words + i]);
    }
  }
  const Regions regions = cell_regions(context.grid(), 2);
  for (int i = 0; i < kRegions; ++i) {
    for (int j = i + 1; j < kRegions; ++j) {
      double sum = 0;
      for (const int p : regions.regions[std::size_t(i)].patches) {
        for (const int q : regions.regions[std::size_t(j)].patches) {
          sum += result.patch_pairs[std::size_t(p) * kPatches + std::size_t(q)];
        }
      }
      EXPECT_NEAR(sum, all.of({i, j}), kRounding) << i << ", " << j;
    }
  }
}

TEST_F(Fixlip, WithCrossModalPairsOnlyIsTheLeastSquaresWithoutPairsWithin) {
  const PairAttribution result = fixlip("across");
  expect_singles_and_pairs_across(result, whole(false));
  EXPECT_TRUE(result.word_pairs.empty());
  EXPECT_TRUE(result.patch_pairs.empty());
}

TEST_F(Fixlip, PairsWithinChangeSinglePlayersButNotCrossModalPairs) {
  const PairAttribution all = fixlip("all"), across = fixlip("across");
  double change = 0;
  for (std::size_t p = 0; p < kPatches; ++p) {
    change = std::max(change, std::abs(all.patches[p] - across.patches[p]));
  }
  EXPECT_GT(change, 100 * kRounding);
  EXPECT_EQ(all.pairs, across.pairs);
}

TEST_F(Fixlip, WithFewSetsUsesTheDrawnSets) {
  const auto run = [&](const char* within) {
    return pairs("fixlip", {{"cells", "2"}, {"pairs", within}, {"images", "14"}});
  };
  EXPECT_EQ(run("all").pairs, run("across").pairs);
  EXPECT_NE(run("all").patches, run("across").patches);
}

TEST_F(Fixlip, ItsValuesAddUpToTheFittedScore) {
  const PairAttribution result = fixlip("all");
  const WholeRegression all = whole(true);
  double sum = 0;
  for (const Coalition& term : terms_of(kRegions, int(description.words().size()), true)) {
    sum += all.of(term);
  }
  EXPECT_NEAR(result.sum(), sum, 1e-3);
}

TEST_F(Fixlip, RejectsTooFewSetsForPairsWithin) {
  EXPECT_TRUE(mentions(error_of([&] {
                         pairs("fixlip", {{"cells", "0"}, {"images", "100"}});
                       }),
                       {"fixlip: images", "100 sets", "16 players", "120 pairs", "pairs=across"}));
}

TEST(FitPairs, FindsTheCoefficientsOfASecondOrderGame) {
  VectorGame game{.players = 4, .sets = all_coalitions(4)};
  game.weights.assign(16, 1.0 / 16);
  std::vector<double> values;
  for (const Coalition& set : game.sets) {
    double value = 0.5;
    for (const int i : set) {
      value += i - 1;
      for (const int j : set) value += i < j ? 10 * i + j : 0;
    }
    values.push_back(value);
  }
  const SecondOrder found = fit_pairs(game, values, "images");
  EXPECT_NEAR(found.of_empty(), 0.5, 1e-12);
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(found.of(i), i - 1, 1e-12) << i;
    for (int j = i + 1; j < 4; ++j) {
      EXPECT_NEAR(found.of(i, j), 10 * i + j, 1e-12) << i << ", " << j;
      EXPECT_EQ(found.of(j, i), found.of(i, j));
    }
  }
}

TEST(FitVectors, FindsTheCoefficientsOfALinearGame) {
  VectorGame game{.players = 3, .sets = all_coalitions(3), .width = 2};
  game.weights.assign(8, 0.125);
  for (const Coalition& set : game.sets) {
    double a = 1, b = -2;
    for (const int i : set) {
      a += i + 1;
      b += 0.5 * i;
    }
    game.vectors.insert(game.vectors.end(), {a, b});
  }
  const std::vector<double> expected{1, -2, 1, 0, 2, 0.5, 3, 1};
  const std::vector<double> found = fit_vectors(game, "images");
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
}

TEST(FitVectors, RejectsTooFewSets) {
  const VectorGame game{
      .players = 3, .sets = {{0}, {0, 1}}, .weights = {1, 1}, .vectors = {1, 2}, .width = 1};
  EXPECT_TRUE(mentions(error_of([&] { fit_vectors(game, "fixlip: images"); }),
                       {"fixlip: images", "2 sets", "3 players"}));
}

TEST_F(PairMethods, FixlipNotesTheExplainedVariance) {
  EXPECT_TRUE(pairs("fixlip").notes[0].starts_with("explains "));
}

}  // namespace pairs_test
}  // namespace whyclip
