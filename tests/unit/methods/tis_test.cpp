// Transformer Input Sampling on the tiny model, against float64 channels and removed tokens.

#include "whyclip/methods/tis.h"

#include <algorithm>

#include "tests/support/close.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/k_means.h"

namespace whyclip {
namespace tis_test {

using testing::all_close;

TEST(TisMasks, KeepTheLargestPatchesOfEachCentre) {
  const Tensor centres = Tensor::from(3, 4,
                                      std::vector<float>{1, 4, 2, 3,      //
                                                         -1, -4, -2, -3,  //
                                                         7, 7, 7, 8});
  EXPECT_EQ(tis_masks(centres, 2), (std::vector<PatchSet>{{1, 3}, {0, 2}, {0, 3}}));
  EXPECT_EQ(tis_masks(centres, 4)[0], (PatchSet{0, 1, 2, 3}));
}

using Tis = testing::MethodsOfTiny;

constexpr std::int64_t kWidth = 24, kPatches = 16;

TEST_F(Tis, ClustersTheChannelsOfTheResidualStreamAfterEachBlock) {
  const Tensor points = channels_by_patch(context.all_rows(), 2);
  ASSERT_EQ(points.rows(), 2 * kWidth);
  ASSERT_EQ(points.width(), kPatches);
  std::vector<float> expected(points.size(), 0.0f);
  for (int block = 0; block < 2; ++block) {
    const testing::Tower::Rows x = tower.value("blocks." + std::to_string(block) + ".resid_post");
    for (std::int64_t k = 0; k < kWidth; ++k) {
      for (std::int64_t p = 0; p < kPatches; ++p) {
        expected[std::size_t((block * kWidth + k) * kPatches + p)] = float(x.at(p + 1, k).real());
      }
    }
  }
  EXPECT_TRUE(all_close(points.values(), expected, kTolerance * testing::largest(expected)));
}

/// Σ score · mask / Σ mask over the masks, from independently computed values.
std::vector<float> expected_map(const Clip& clip, ExplanationContext& context, int masks, int kept,
                                std::uint64_t seed, double& mean) {
  const Clusters clusters =
      k_means(channels_by_patch(context.all_rows(), 2), {.clusters = masks, .seed = seed});
  std::vector<double> sum(kPatches, 0.0), count(kPatches, 0.0);
  mean = 0;
  for (int m = 0; m < masks; ++m) {
    std::vector<std::pair<float, int>> order;
    for (int p = 0; p < kPatches; ++p)
      order.emplace_back(-clusters.centres.row(m)[std::size_t(p)], p);
    std::ranges::sort(order);
    PatchSet set;
    for (int i = 0; i < kept; ++i) set.push_back(order[std::size_t(i)].second);
    const double value =
        target_value(context.target(), embeddings_keeping(clip, context.image(), {&set, 1}).row(0));
    mean += value / masks;
    for (const int p : set) {
      sum[std::size_t(p)] += value;
      ++count[std::size_t(p)];
    }
  }
  std::vector<float> map;
  for (std::size_t p = 0; p < sum.size(); ++p) map.push_back(float(sum[p] / count[p]));
  return map;
}

TEST_F(Tis, IsTheMeanValueOfTheMasksThatKeepThePatch) {
  double mean = 0;
  std::vector<float> expected = expected_map(clip, context, 12, 6, 4, mean);
  const std::map<std::string, std::string> options{
      {"masks", "12"}, {"ratio", "0.4"}, {"seed", "4"}};
  auto published = options;
  published["variant"] = "published";
  EXPECT_TRUE(all_close(patches("tis", published), expected, 1e-6 * testing::largest(expected)));
  for (float& value : expected) value = float(double(value) - mean);
  EXPECT_TRUE(all_close(patches("tis", options), expected, 1e-5));
}

TEST_F(Tis, HasAtMostOneMaskPerChannelWithANote) {
  const Attribution result = attribution("tis");
  ASSERT_FALSE(result.notes.empty());
  EXPECT_EQ(result.notes[0], "48 masks, one per channel of the blocks");
  EXPECT_LE(context.evaluations(), 48);
}

TEST_F(Tis, GivesTheMeanToAPatchThatNoMaskKeeps) {
  const Attribution result = attribution("tis", {{"masks", "1"}, {"ratio", "0.25"}});
  // One mask: its value is the mean.
  EXPECT_TRUE(all_close(result.patches, std::vector<float>(16, 0.0f), 1e-5));
  EXPECT_EQ(result.notes.back(),
            "12 of 16 patches are in no mask and have the mean value of all masks");
}

}  // namespace tis_test
}  // namespace whyclip
