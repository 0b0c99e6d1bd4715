// Every map lies on the picture the right way round.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/method.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

/// The tiny checkpoint with the same position embedding everywhere: what a patch looks like is all
/// that tells it from others, so that patches which change places must take their values with them.
Clip clip_without_positions() {
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    if (tensor.name != "vision_model.embeddings.position_embedding.weight") continue;
    constexpr std::size_t kWidth = 24;
    for (std::size_t i = kWidth; i < tensor.values.size(); ++i) {
      tensor.values[i] = tensor.values[i % kWidth];
    }
  }
  return testing::tiny_clip(ActivationKind::kQuickGelu, tensors);
}

constexpr int kColumns = 4, kRows = 5, kSide = 4;

/// A picture of 16 × 20 with two patches, each in (row, column), exchanged.
Preprocessed exchanged(Preprocessed picture, std::pair<int, int> a, std::pair<int, int> b) {
  for (int k = 0; k < 3; ++k) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const auto at = [&](std::pair<int, int> patch) -> float& {
          const int row = k * kRows * kSide + patch.first * kSide + y;
          return picture.pixels[std::size_t(row * kColumns * kSide + patch.second * kSide + x)];
        };
        std::swap(at(a), at(b));
      }
    }
  }
  return picture;
}

/// Noise, blur and masks that run over from patch to patch are tied to places: these have no such
/// symmetry.
bool is_tied_to_places(const MethodInfo& info) {
  static const std::set<std::string> names{"smoothgrad", "vargrad", "expected-gradients",
                                           "score-cam", "m2ib"};
  return names.contains(info.name);
}

class EveryMap : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryMap, MovesWithThePatches) {
  const Clip clip = clip_without_positions();
  const Preprocessed picture = testing::tiny_picture(kColumns * kSide, kRows * kSide);
  const Target target = testing::tiny_targets()[0];
  const auto index = [](std::pair<int, int> patch) {
    return std::size_t(patch.first * kColumns + patch.second);
  };
  const std::pair<int, int> a{0, 1}, b{3, 2};  // neither on an axis of the grid, nor each other's
                                               // mirror image
  Subject before(clip, picture, target), after(clip, exchanged(picture, a, b), target);
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    if (name_of(info.family) != GetParam() || is_tied_to_places(info)) continue;
    const bool has_on =
        std::ranges::any_of(info.options, [](const MethodOption& o) { return o.name == "on"; });
    for (const std::string on : {"patches", "pixels"}) {
      if (!has_on && on == "pixels") continue;
      const MethodSettings settings(info, has_on ? std::map<std::string, std::string>{{"on", on}}
                                                 : std::map<std::string, std::string>{});
      std::vector<float> expected = method.run(before, settings, {}).patches;
      ASSERT_EQ(expected.size(), std::size_t(kRows * kColumns)) << info.name;
      const double size = testing::largest(expected);
      EXPECT_GT(std::abs(expected[index(a)] - expected[index(b)]), 1e-3 * size)
          << info.name << ": the two patches must differ for this test to say anything";
      std::swap(expected[index(a)], expected[index(b)]);
      // float32, sums in another order
      EXPECT_TRUE(
          testing::all_close(method.run(after, settings, {}).patches, expected, 1e-4 * size))
          << info.name << " on " << on;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Orientation, EveryMap,
                         ::testing::Values("gradient", "attention", "cam", "clip"),
                         [](const auto& family) { return std::string(family.param); });

}  // namespace
}  // namespace whyclip
