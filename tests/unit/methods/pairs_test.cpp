// Pairs of words and patches against float64 and brute force.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny_prompt.h"
#include "tests/unit/methods/tower.h"
#include "whyclip/attribution/interaction.h"
#include "whyclip/core/cholesky.h"
#include "whyclip/methods/fixlip.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::PromptTower;
using testing::replacing;
using testing::Tower;

constexpr std::size_t kPatches = 16, kProjection = 20;

double sum_of(const PairAttribution& all) {
  double sum = *all.elsewhere;
  for (const float v : all.pairs) sum += double(v);
  for (const double v : all.words) sum += v;
  for (const double v : all.patches) sum += v;
  return sum;
}

class PairMethods : public testing::MethodsOfTinyPrompt {
 protected:
  PairAttribution pairs(const std::string& method,
                        const std::map<std::string, std::string>& options = {}) {
    const Method& found = find_method(method);
    return found.run_pairs(subject, about, MethodSettings(found.info, options), {});
  }

  Preprocessed picture = testing::tiny_picture();
  Subject subject{clip, picture, target(), &zero_shot};
  PromptSubject about{clip, zero_shot, target(), 0, subject.image().embedding()};
};

TEST_F(PairMethods, ContributionsAreTheInteractionAndAddUp) {
  const PairAttribution result = pairs("contributions");
  const Interaction expected = interaction(clip, zero_shot, target(), subject.image());
  const std::size_t words = about.words().size(), columns = expected.regions.size();
  ASSERT_EQ(result.pairs.size(), words * kPatches);
  for (std::size_t w = 0; w < words; ++w) {
    for (std::size_t p = 0; p < kPatches; ++p) {
      EXPECT_NEAR(result.pairs[w * kPatches + p], expected.shares[w * columns + p], 1e-6);
    }
  }
  EXPECT_NEAR(sum_of(result), *result.total, 1e-5 * (1 + std::abs(*result.total)));
  EXPECT_NEAR(*result.total, about.value(), 1e-4);
}

/// (step ⊙ Jacobian) averaged over α = 1/2 ± 1/√12, summed over the channels of each token,
/// (tokens, projection), for a tower from a reference to its input at a trace point.
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

TEST_F(PairMethods, ExclipIsTheProductOfBothTowersIntegratedJacobians) {
  const Tower black(testing::tiny_tensors(), std::vector<float>(3 * 16 * 16, 0.0f),
                    about.direction()),
      seen(testing::tiny_tensors(), picture.pixels, about.direction());
  std::vector<std::int32_t> empty = about.ids();
  for (std::size_t i = 1; i < empty.size(); ++i) empty[i] = i == 2 ? about.ids().back() : 0;
  const PromptTower read(testing::tiny_tensors(), about.ids(), about.direction()),
      nothing(testing::tiny_tensors(), empty, about.direction());
  for (const bool last : {true, false}) {
    const std::string point = last ? "blocks.0.resid_post" : "ln_pre",
                      text_point = last ? "blocks.0.resid_post" : "embedded",
                      layer = last ? "-1" : "0";
    const std::vector<double> f = integrated(seen, black, point),
                              g = integrated(read, nothing, text_point);
    std::vector<double> z, t;
    for (const auto& v : seen.embedding().values) z.push_back(v.real());
    for (const auto& v : read.value("embedding").values) t.push_back(v.real());
    const double scale = kWeight * double(clip.logit_scale()) / (length(z) * length(t));

    const PairAttribution result =
        pairs("exclip", {{"nodes", "2"}, {"layer", layer}, {"text-layer", layer}});

    std::vector<double> expected, actual(result.pairs.begin(), result.pairs.end());
    for (const PromptWord& word : about.words()) {
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

TEST_F(PairMethods, ExclipAddsUpToTheScoreWithoutItsReferences) {
  const PairAttribution result = pairs("exclip", {{"nodes", "32"}});
  EXPECT_NEAR(sum_of(result), *result.total, 1e-3 * (1 + std::abs(*result.total)));
  EXPECT_GT(std::abs(*result.total), 1e-2);
}

/// The same players' regression on the whole product of sets, by its normal equations.
TEST_F(PairMethods, FixlipIsTheLeastSquaresOverAllPairsOfSets) {
  const PairAttribution result =
      pairs("fixlip", {{"cells", "2"}, {"p", "0.3"}, {"pictures", "64"}, {"prompts", "512"}});
  const Regions regions = cell_regions(subject.grid(), 2);  // 4 players: every set is taken
  const int r = int(regions.regions.size()), w = int(about.words().size());
  ASSERT_EQ(r, 4);
  const std::vector<PlayerSet> pictures = all_sets(r), prompts = all_sets(w);
  const Tensor texts = about.embeddings_keeping(prompts, {});
  const std::size_t n = std::size_t((r + 1) * (w + 1));
  std::vector<double> matrix(n * n, 0.0), right(n, 0.0);
  for (const PlayerSet& set : pictures) {
    const Tensor z =
        subject.embeddings_keeping(std::vector<PatchSet>{patches_of(regions, set)}, Fill::kDrop);
    for (std::size_t t = 0; t < prompts.size(); ++t) {
      std::vector<double> features(n, 0.0);
      for (int i = -1; i < r; ++i) {
        for (int j = -1; j < w; ++j) {
          const bool with = (i < 0 || std::ranges::find(set, i) != set.end()) &&
                            (j < 0 || std::ranges::find(prompts[t], j) != prompts[t].end());
          features[std::size_t((i + 1) * (w + 1) + j + 1)] = with ? 1 : 0;
        }
      }
      double dot = 0, zz = 0, tt = 0;
      for (std::size_t k = 0; k < kProjection; ++k) {
        const double a = double(z.row(0)[k]), b = double(texts.row(std::int64_t(t))[k]);
        dot += a * b;
        zz += a * a;
        tt += b * b;
      }
      const double value = kWeight * double(clip.logit_scale()) * dot / std::sqrt(zz * tt),
                   kept = double(set.size() + prompts[t].size()),
                   weight = std::pow(0.3, kept) * std::pow(0.7, double(r + w) - kept);
      for (std::size_t a = 0; a < n; ++a) {
        right[a] += weight * features[a] * value;
        for (std::size_t b = 0; b < n; ++b) matrix[a * n + b] += weight * features[a] * features[b];
      }
    }
  }
  const auto solved = solve_positive_definite(matrix, right, n);
  ASSERT_TRUE(solved);
  for (int j = 0; j < w; ++j) {
    EXPECT_NEAR(result.words[std::size_t(j)], (*solved)[std::size_t(j + 1)], 1e-4);
    for (int i = 0; i < r; ++i) {
      const std::vector<int>& patches = regions.regions[std::size_t(i)].patches;
      EXPECT_NEAR(
          result.pairs[std::size_t(j) * kPatches + std::size_t(patches[0])] * float(patches.size()),
          (*solved)[std::size_t((i + 1) * (w + 1) + j + 1)], 1e-4)
          << "region " << i << ", word " << j;
    }
  }
  EXPECT_NEAR(*result.elsewhere, (*solved)[0], 1e-4);
}

TEST(FitVectors, FindsTheCoefficientsOfALinearGame) {
  VectorGame game{.players = 3, .sets = all_sets(3), .width = 2};
  game.weights.assign(8, 0.125);
  for (const PlayerSet& set : game.sets) {
    double a = 1, b = -2;
    for (const int i : set) {
      a += i + 1;
      b += 0.5 * i;
    }
    game.vectors.insert(game.vectors.end(), {a, b});
  }
  const std::vector<double> expected{1, -2, 1, 0, 2, 0.5, 3, 1};
  const std::vector<double> found = fit_vectors(game, "pictures");
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
}

TEST(FitVectors, TooFewSetsAreRefusedByTheOption) {
  const VectorGame game{
      .players = 3, .sets = {{0}, {0, 1}}, .weights = {1, 1}, .vectors = {1, 2}, .width = 1};
  EXPECT_TRUE(mentions(error_of([&] { fit_vectors(game, "fixlip: pictures"); }),
                       {"fixlip: pictures", "2 sets", "3 parts"}));
}

TEST_F(PairMethods, FixlipSaysHowMuchItExplains) {
  EXPECT_TRUE(pairs("fixlip").notes[0].starts_with("explains "));
}

}  // namespace
}  // namespace whyclip
