#include "whyclip/perturbation/token_removal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "tests/unit/perturbation/reference_tower.h"

namespace whyclip {
namespace token_removal_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

/// float32 against float64 through two blocks: embeddings are of the order of 1, values of 10.
constexpr double kEmbeddingTolerance = 5e-6;
constexpr double kValueTolerance = 5e-5;

Clip tiny_clip(ActivationKind activation = ActivationKind::kQuickGelu,
               int threads = testing::threads()) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {.activation = activation});
  Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
  clip.vision();  // map the files before the folder is deleted
  return clip;
}

Preprocessed image(int width = 16, int height = 16) {
  Preprocessed result;
  result.width = width;
  result.height = height;
  result.area = {0, 0, double(width), double(height)};
  result.pixels = testing::hash_tensor("pixels", std::size_t(3 * width * height), 0, 1);
  return result;
}

Target target(const std::string& name) {
  Target result{"prompt", name, testing::hash_tensor(name, 20, 0, 1)};
  for (float& v : result.direction) v *= 20;
  return result;
}

PatchSet first_patches(int count) {
  PatchSet result(std::size_t(count), 0);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

/// Sets of many sizes, some sizes more than once.
std::vector<PatchSet> mixed_sets() {
  return {{0, 1, 2}, {5, 9, 15}, {}, first_patches(16), {7}, {3, 4, 8}, {0, 2, 4, 6, 8, 10, 12}};
}

std::vector<double> reference(ActivationKind activation, const PatchSet& kept) {
  return testing::reference_embedding(
      testing::tiny_tensors(), activation,
      reference::matrix_of<double>(Tensor::from(1, 768, image().pixels)), kept);
}

double reference_value(const Target& target, const PatchSet& kept) {
  const std::vector<double> z = reference(ActivationKind::kQuickGelu, kept);
  double dot = 0, square = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    dot += double(target.direction[i]) * z[i];
    square += z[i] * z[i];
  }
  return dot / std::sqrt(square);
}

class KeptSets : public ::testing::TestWithParam<ActivationKind> {};

// The reference computes the shorter sequence in float64.
TEST_P(KeptSets, GiveTheEmbeddingsOfATowerWithoutTheRemovedTokens) {
  const std::vector<PatchSet> sets = mixed_sets();
  const Tensor embeddings = embeddings_keeping(tiny_clip(GetParam()), image(), sets);

  ASSERT_EQ(embeddings.rows(), 7);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const std::vector<double> expected = reference(GetParam(), sets[i]);
    EXPECT_TRUE(all_close(embeddings.row(std::int64_t(i)),
                          std::vector<float>(expected.begin(), expected.end()),
                          kEmbeddingTolerance))
        << "set " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, KeptSets,
                         ::testing::Values(ActivationKind::kQuickGelu, ActivationKind::kGelu),
                         [](const auto& case_info) {
                           return std::string(name_of(case_info.param));
                         });

TEST(EmbeddingsKeeping, EveryPatchEqualsEncodeImagesBitForBit) {
  const Clip clip = tiny_clip();
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {64, 16}}) {
    const Preprocessed whole = image(width, height);
    const PatchSet all = first_patches(width * height / 16);

    EXPECT_TRUE(all_close(embeddings_keeping(clip, whole, {&all, 1}).values(),
                          clip.encode_images({&whole, 1}).values(), 0));
  }
}

TEST(EmbeddingsKeeping, DoNotDependOnTheOtherSets) {
  const Clip clip = tiny_clip();
  const std::vector<PatchSet> sets = mixed_sets();
  const Tensor together = embeddings_keeping(clip, image(), sets);

  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_TRUE(all_close(embeddings_keeping(clip, image(), {&sets[i], 1}).values(),
                          together.row(std::int64_t(i)), 0))
        << "set " << i;
  }
}

// 400 sets of 13 patches are 5600 rows: several batches, the last one not full.
TEST(EmbeddingsKeeping, DoNotDependOnTheBatch) {
  const Clip clip = tiny_clip();
  std::vector<PatchSet> sets;
  for (int a = 0; a < 16; ++a) {
    for (int b = a + 1; b < 16; ++b) {
      for (int c = b + 1; c < 16 && sets.size() < 400; ++c) {
        PatchSet set = first_patches(16);
        std::erase_if(set, [&](int p) { return p == a || p == b || p == c; });
        sets.push_back(set);
      }
    }
  }
  ASSERT_EQ(sets.size(), 400u);
  const Tensor together = embeddings_keeping(clip, image(), sets);

  for (const std::size_t i : {0u, 72u, 73u, 146u, 399u}) {
    EXPECT_TRUE(all_close(embeddings_keeping(clip, image(), {&sets[i], 1}).values(),
                          together.row(std::int64_t(i)), 0))
        << "set " << i;
  }
}

// At full width oneDNN selects different kernels than for the tiny tower.
TEST(EmbeddingsKeeping, OfTheEmbeddedModelDoNotDependOnTheBatchEither) {
  const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  std::vector<PatchSet> sets{first_patches(144)};
  for (int removed = 0; removed < 9; ++removed) {
    sets.push_back(first_patches(144));
    std::erase(sets.back(), 16 * removed);
  }
  const Preprocessed drawing = image(96, 96);
  const Tensor together = embeddings_keeping(clip, drawing, sets);

  EXPECT_TRUE(all_close(together.row(0), clip.encode_images({&drawing, 1}).values(), 0));
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_TRUE(all_close(embeddings_keeping(clip, drawing, {&sets[i], 1}).values(),
                          together.row(std::int64_t(i)), 0))
        << "set " << i;
  }
}

TEST(EmbeddingsKeeping, DoNotDependOnTheThreads) {
  const Tensor expected =
      embeddings_keeping(tiny_clip(ActivationKind::kGelu, 1), image(), mixed_sets());

  for (const int threads : {2, 3, 7}) {
    const Clip clip = tiny_clip(ActivationKind::kGelu, threads);
    EXPECT_TRUE(
        all_close(embeddings_keeping(clip, image(), mixed_sets()).values(), expected.values(), 0))
        << threads << " threads";
  }
}

TEST(EmbeddingsKeeping, DoNotDependOnTheOrderWithinASet) {
  const Tensor embeddings =
      embeddings_keeping(tiny_clip(), image(), std::vector<PatchSet>{{2, 9, 4}, {9, 4, 2}});

  EXPECT_TRUE(all_close(embeddings.row(0), embeddings.row(1), 0));
}

TEST(EmbeddingsKeeping, ComputesEqualSetsOnce) {
  std::int64_t total = 0, last = 0;
  const Tensor embeddings = embeddings_keeping(
      tiny_clip(), image(), std::vector<PatchSet>{{1, 2}, {3}, {2, 1}, {3}, {1, 2}},
      [&](std::string_view, std::int64_t done, std::int64_t of) {
        last = done;
        total = of;
        return true;
      });

  EXPECT_EQ(total, 2);
  EXPECT_EQ(last, 2);
  EXPECT_TRUE(all_close(embeddings.row(4), embeddings.row(0), 0));
  EXPECT_TRUE(all_close(embeddings.row(3), embeddings.row(1), 0));
  EXPECT_FALSE(all_close(embeddings.row(0), embeddings.row(1), 1e-3));
}

TEST(EmbeddingsKeeping, OfNoSetsAreEmpty) {
  EXPECT_EQ(embeddings_keeping(tiny_clip(), image(), {}).rows(), 0);
}

TEST(EmbeddingsKeeping, RefusesAPatchOutsideOfTheGrid) {
  const Clip clip = tiny_clip();
  const auto keeping = [&](int patch) {
    return error_of([&] {
      embeddings_keeping(clip, image(), std::vector<PatchSet>{{3}, {2, patch}});
    });
  };

  EXPECT_TRUE(mentions(keeping(16), {"kept set 1", "0 to 15", "16"}));
  EXPECT_TRUE(mentions(keeping(-1), {"kept set 1", "0 to 15", "-1"}));
}

TEST(EmbeddingsKeeping, RefusesAPatchThatIsKeptTwice) {
  EXPECT_TRUE(mentions(error_of([] {
                         embeddings_keeping(tiny_clip(), image(), std::vector<PatchSet>{{7, 3, 7}});
                       }),
                       {"kept set 0", "patch 7", "twice"}));
}

TEST(EmbeddingsKeeping, StopsIfProgressReturnsFalse) {
  EXPECT_THROW(
      embeddings_keeping(tiny_clip(), image(), mixed_sets(), [](auto...) { return false; }),
      Cancelled);
}

TEST(EmbeddingsKeeping, ReportThatTheCheckpointOverflows) {
  Preprocessed broken = image();
  for (float& v : broken.pixels) v *= 3e38f;

  EXPECT_TRUE(mentions(error_of([&] { embeddings_keeping(tiny_clip(), broken, mixed_sets()); }),
                       {"vision.embedding", "not finite"}));
}

TEST(RemovalEffects, AreTheDifferencesOfTheTargetsValues) {
  const std::vector<Target> targets{target("first"), target("second")};
  const std::vector<PatchSet> regions{{0}, {15}, {4, 5, 6, 7}, {6, 10}, first_patches(16)};
  const auto effects = removal_effects(tiny_clip(), image(), targets, regions);

  ASSERT_EQ(effects.size(), 2u);
  for (std::size_t t = 0; t < 2; ++t) {
    ASSERT_EQ(effects[t].size(), 5u);
    for (std::size_t r = 0; r < regions.size(); ++r) {
      PatchSet kept = first_patches(16);
      std::erase_if(kept, [&](int p) { return std::ranges::count(regions[r], p) > 0; });
      const double expected =
          reference_value(targets[t], first_patches(16)) - reference_value(targets[t], kept);
      EXPECT_NEAR(effects[t][r], expected, kValueTolerance) << "target " << t << ", region " << r;
    }
  }
}

TEST(RemovalEffects, AreZeroForAnEmptyRegion) {
  const Target one = target("first");

  EXPECT_EQ(removal_effects(tiny_clip(), image(), {&one, 1}, std::vector<PatchSet>{{}}),
            (std::vector<std::vector<double>>{{0.0}}));
}

TEST(RemovalEffects, NameAnInvalidRegion) {
  const Clip clip = tiny_clip();
  const Target one = target("first");
  const auto removing = [&](const PatchSet& region) {
    return error_of([&] {
      removal_effects(clip, image(), {&one, 1}, std::vector<PatchSet>{{1}, {2}, region});
    });
  };

  EXPECT_TRUE(mentions(removing({99}), {"region 2", "99"}));
  EXPECT_TRUE(mentions(removing({4, 4}), {"region 2", "patch 4", "twice"}));
}

TEST(RemovalEffects, RefuseADirectionOfAnotherWidth) {
  const Target narrow{"prompt", "a cat", {1, 2, 3}};

  EXPECT_TRUE(
      mentions(error_of([&] {
                 removal_effects(tiny_clip(), image(), {&narrow, 1}, std::vector<PatchSet>{{1}});
               }),
               {"a cat", "20", "3"}));
}

TEST(EachRemoved, KeepsAllOthersInTheirOrder) {
  EXPECT_EQ(each_removed(3), (std::vector<PatchSet>{{1, 2}, {0, 2}, {0, 1}}));
  EXPECT_EQ(each_removed(1), (std::vector<PatchSet>{{}}));
}

}  // namespace token_removal_test
}  // namespace whyclip
