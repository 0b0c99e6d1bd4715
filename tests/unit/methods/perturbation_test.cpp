// Perturbation methods on the tiny model with 4 × 2 patches, so that all 256 coalitions can be
// computed.

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "tests/unit/methods/games.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/occlusion.h"

namespace whyclip {
namespace perturbation_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

using Settings = std::map<std::string, std::string>;

/// A contribution is a float of the order of 1.
constexpr double kFloat = 1e-6;

class PerturbedTiny : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, tiny_image(8, 16), tiny_targets()[0]};

  Attribution run(const std::string& name, const Settings& settings = {}) {
    const Method& method = find_method(name);
    return method.run(context, MethodSettings(method.info, settings), {});
  }
  /// Values of coalitions of patches, computed without the cache of ExplanationContext.
  ValueFunction values() {
    return [this](std::span<const Coalition> sets) {
      const Tensor embeddings = embeddings_keeping(clip, context.image(), sets);
      std::vector<double> result;
      for (std::int64_t i = 0; i < embeddings.rows(); ++i) {
        result.push_back(target_value(context.target(), embeddings.row(i)));
      }
      return result;
    };
  }
};

std::vector<float> floats(std::span<const double> values) { return {values.begin(), values.end()}; }

TEST_F(PerturbedTiny, OcclusionIsTheEffectOfRemovingEachPatch) {
  std::vector<PatchSet> alone;
  for (int p = 0; p < 8; ++p) alone.push_back({p});
  const Target target = context.target();
  EXPECT_TRUE(all_close(run("occlusion").patches,
                        floats(removal_effects(clip, context.image(), {&target, 1}, alone)[0]),
                        kFloat));
}

TEST_F(PerturbedTiny, OcclusionWithWindowsIsTheMeanOfTheWindowsThatCoverThePatch) {
  const std::vector<PatchSet> windows{{0, 1, 2, 3}, {2, 3, 4, 5}, {4, 5, 6, 7}};
  const Target target = context.target();
  const std::vector<double> effect =
      removal_effects(clip, context.image(), {&target, 1}, windows)[0];
  const double upper = (effect[0] + effect[1]) / 2, lower = (effect[1] + effect[2]) / 2;
  EXPECT_TRUE(all_close(run("occlusion", {{"size", "2"}}).patches,
                        floats(std::vector<double>{effect[0], effect[0], upper, upper, lower, lower,
                                                   effect[2], effect[2]}),
                        kFloat));
}

TEST_F(PerturbedTiny, OcclusionRejectsWindowsThatDoNotFitOrLeaveGaps) {
  EXPECT_TRUE(mentions(error_of([&] {
                         run("occlusion", {{"size", "3"}});
                       }),
                       {"occlusion: size", "at most 2", "4 × 2", "got 3"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         run("occlusion", {{"stride", "2"}});
                       }),
                       {"occlusion: stride", "at most the size, 1", "got 2"}));
}

TEST(SlidingWindows, LastWindowsAreAlignedWithTheBorder) {
  PatchGrid grid;
  grid.rows = 2;
  grid.columns = 6;
  EXPECT_EQ(sliding_windows(grid, 2, 2),
            (std::vector<std::vector<int>>{{0, 1, 6, 7}, {2, 3, 8, 9}, {4, 5, 10, 11}}));
  grid.columns = 5;
  EXPECT_EQ(sliding_windows(grid, 2, 2),
            (std::vector<std::vector<int>>{{0, 1, 5, 6}, {2, 3, 7, 8}, {3, 4, 8, 9}}));
}

// A mean over 100000 masks; tolerance of 5 standard errors.
TEST_F(PerturbedTiny, RiseAgreesWithTheMeanOverAllMasks) {
  const std::vector<Coalition> sets = all_coalitions(8);
  const std::vector<double> value = values()(sets);
  double mean = 0, squares = 0;
  for (const double v : value) mean += v / 256;
  for (const double v : value) squares += (v - mean) * (v - mean) / 256;
  std::vector<double> kept(8, 0.0);
  for (std::size_t s = 0; s < sets.size(); ++s) {
    for (const int p : sets[s]) kept[std::size_t(p)] += value[s] / 128;
  }
  const double error = std::sqrt(2 * squares / 100000);
  const Attribution centred = run("rise", {{"masks", "100000"}});
  const Attribution published = run("rise", {{"masks", "100000"}, {"variant", "published"}});
  for (std::size_t p = 0; p < 8; ++p) {
    EXPECT_NEAR(centred.patches[p], kept[p] - mean, 5 * error) << p;
    EXPECT_NEAR(published.patches[p], kept[p], 5 * (error + std::abs(mean) / std::sqrt(100000)));
  }
  EXPECT_EQ(published.notes.size(), 1u);
}

TEST_F(PerturbedTiny, ExactShapleyIsTheMeanOverAllPermutationsAndComplete) {
  // Regions of 2 × 1 patches.
  const std::vector<PatchSet> blocks{{0, 2}, {1, 3}, {4, 6}, {5, 7}};
  const std::vector<double> expected =
      testing::shapley_by_orders(4, [&](std::span<const Coalition> sets) {
        std::vector<PatchSet> patches(sets.size());
        for (std::size_t i = 0; i < sets.size(); ++i) {
          for (const int b : sets[i]) {
            patches[i].insert(patches[i].end(), blocks[std::size_t(b)].begin(),
                              blocks[std::size_t(b)].end());
          }
        }
        return values()(patches);
      });
  const Attribution result = run("shapley-exact", {{"rows", "2"}, {"columns", "2"}});
  double sum = *result.elsewhere;
  for (std::size_t b = 0; b < 4; ++b) {
    for (const int p : blocks[b]) {
      EXPECT_NEAR(result.patches[std::size_t(p)], expected[b] / 2, kFloat);
      sum += double(result.patches[std::size_t(p)]);
    }
  }
  EXPECT_NEAR(sum, *result.total, 1e-5);
  EXPECT_NEAR(*result.total, context.value(), 1e-5);
}

TEST_F(PerturbedTiny, ExactShapleyRejectsMoreThanSixteenRegions) {
  EXPECT_TRUE(mentions(error_of([&] {
                         run("shapley-exact", {{"rows", "9"}, {"columns", "2"}});
                       }),
                       {"shapley-exact: regions", "at most 16", "got 18"}));
}

// ExplanationContext caches the 256 coalitions, so many runs are cheap. 40 seeds of 7 free values
// determine a mean square to about 9 %; the tolerance is three times that.
TEST_F(PerturbedTiny, SampledShapleyConvergesWithTheSquareRootOfThePermutations) {
  const std::vector<float> exact = run("shapley-exact", {{"rows", "4"}, {"columns", "2"}}).patches;
  const auto error = [&](const std::string& pairs) {
    double squares = 0;
    for (int seed = 0; seed < 40; ++seed) {
      const auto patches =
          run("shapley", {{"pairs", pairs}, {"seed", std::to_string(seed)}}).patches;
      for (std::size_t p = 0; p < 8; ++p) squares += std::pow(double(patches[p] - exact[p]), 2);
    }
    return std::sqrt(squares / (40 * 8));
  };
  const double few = error("8"), more = error("32"), many = error("128");
  EXPECT_NEAR(few / more, 2, 0.4);
  EXPECT_NEAR(more / many, 2, 0.4);
  EXPECT_EQ(context.evaluations(), 256);
}

TEST_F(PerturbedTiny, KernelShapOfAllCoalitionsIsExactShapley) {
  EXPECT_TRUE(all_close(run("kernel-shap").patches,
                        run("shapley-exact", {{"rows", "4"}, {"columns", "2"}}).patches, kFloat));
}

TEST_F(PerturbedTiny, BanzhafOfAllCoalitionsIsTheMeanMarginalContribution) {
  EXPECT_TRUE(
      all_close(run("banzhaf").patches, floats(testing::banzhaf_by_sets(8, values())), kFloat));
}

TEST_F(PerturbedTiny, LimeWithAWideKernelAndNoRidgeApproximatesBanzhaf) {
  // With equal weights, the coefficients of the least-squares linear model are the Banzhaf values
  // (Hammer and Holzman 1992).
  const std::vector<double> banzhaf = testing::banzhaf_by_sets(8, values());
  const Attribution lime = run("lime", {{"samples", "200000"}, {"width", "100"}, {"ridge", "0"}});
  const std::vector<double> value = values()(all_coalitions(8));
  double mean = 0, squares = 0;
  for (const double v : value) mean += v / 256;
  for (const double v : value) squares += (v - mean) * (v - mean) / 256;
  const double error = 2 * std::sqrt(squares / 200000);
  for (std::size_t p = 0; p < 8; ++p) EXPECT_NEAR(lime.patches[p], banzhaf[p], 5 * error) << p;
}

TEST_F(PerturbedTiny, FilledAndRemovedPatchesAreDifferentGames) {
  for (const Fill fill : {Fill::kMean, Fill::kBlur, Fill::kBlack, Fill::kNoise, Fill::kRoad}) {
    const ValueFunction filled = [&](std::span<const Coalition> sets) {
      const Tensor embeddings = embeddings_filling(clip, context.image(), sets, fill);
      std::vector<double> result;
      for (std::int64_t i = 0; i < embeddings.rows(); ++i) {
        result.push_back(target_value(context.target(), embeddings.row(i)));
      }
      return result;
    };
    const Settings settings{{"fill", std::string(name_of(fill))}};
    EXPECT_TRUE(all_close(run("banzhaf", settings).patches,
                          floats(testing::banzhaf_by_sets(8, filled)), kFloat))
        << name_of(fill);
    std::vector<double> alone;
    for (int p = 0; p < 8; ++p) {
      PatchSet kept = full_coalition(8);
      kept.erase(kept.begin() + p);
      const std::vector<double> value = filled(std::vector<PatchSet>{full_coalition(8), kept});
      alone.push_back(value[0] - value[1]);
    }
    EXPECT_TRUE(all_close(run("occlusion", settings).patches, floats(alone), kFloat));
    EXPECT_FALSE(all_close(run("occlusion").patches, floats(alone), 1e-3));
    const Attribution shapley = run("shapley", settings);
    EXPECT_NEAR(*shapley.elsewhere, filled(std::vector<PatchSet>{{}})[0], kFloat);
  }
}

/// Few samples, so that no method enumerates all coalitions.
Settings few_samples(const std::string& name) {
  if (name == "rise") return {{"masks", "50"}};
  if (name == "tis") return {{"masks", "20"}};
  if (name == "shapley") return {{"pairs", "3"}};
  if (name == "lime" || name == "banzhaf" || name == "kernel-shap") return {{"samples", "60"}};
  return {};
}

std::vector<std::vector<float>> maps_with(int threads, const std::string& seed) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {.activation = ActivationKind::kQuickGelu});
  const Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
  std::vector<std::vector<float>> maps;
  for (const Method& method : perturbation_methods()) {
    ExplanationContext context(clip, tiny_image(8, 16), tiny_targets()[0]);
    Settings settings = few_samples(method.info.name);
    if (!settings.empty()) settings["seed"] = seed;
    if (method.info.name == "shapley-exact") settings["columns"] = "2";
    maps.push_back(method.run(context, MethodSettings(method.info, settings), {}).patches);
  }
  return maps;
}

TEST(PerturbationMethods, DoNotDependOnTheNumberOfThreads) {
  const auto expected = maps_with(1, "5");
  EXPECT_EQ(maps_with(2, "5"), expected);
  EXPECT_EQ(maps_with(5, "5"), expected);
}

TEST(PerturbationMethods, DependOnTheSeedIfTheySample) {
  const auto one = maps_with(2, "5"), other = maps_with(2, "6");
  const std::vector<Method> family = perturbation_methods();
  for (std::size_t m = 0; m < family.size(); ++m) {
    const bool draws = !few_samples(family[m].info.name).empty();
    EXPECT_EQ(one[m] != other[m], draws) << family[m].info.name;
  }
}

TEST_F(PerturbedTiny, MethodsCanBeCancelled) {
  for (const Method& method : perturbation_methods()) {
    Settings settings;
    if (method.info.name == "shapley-exact") settings["columns"] = "2";
    ExplanationContext fresh(clip, tiny_image(8, 16), tiny_targets()[0]);
    EXPECT_THROW(
        method.run(fresh, MethodSettings(method.info, settings), [](auto...) { return false; }),
        Cancelled)
        << method.info.name;
  }
}

}  // namespace perturbation_test
}  // namespace whyclip
