// Every map has the orientation of the image.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace orientation_test {

/// The tiny checkpoint with equal position embeddings: patches differ only in their content, so
/// exchanged patches must exchange their values.
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

/// An image of 16 × 20 with two patches, each in (row, column), exchanged.
Preprocessed exchanged(Preprocessed image, std::pair<int, int> a, std::pair<int, int> b) {
  for (int k = 0; k < 3; ++k) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const auto at = [&](std::pair<int, int> patch) -> float& {
          const int row = k * kRows * kSide + patch.first * kSide + y;
          return image.pixels[std::size_t(row * kColumns * kSide + patch.second * kSide + x)];
        };
        std::swap(at(a), at(b));
      }
    }
  }
  return image;
}

/// Methods without this symmetry: noise, shifts and samples are drawn by position, blur and smooth
/// masks depend on neighbours, and blocks of patches have fixed positions.
bool depends_on_positions(const MethodInfo& info) {
  static const std::set<std::string> dependent{"smoothgrad",
                                               "vargrad",
                                               "expected-gradients",
                                               "rise",
                                               "shapley",
                                               "shapley-exact",
                                               "kernel-shap",
                                               "lime",
                                               "banzhaf",
                                               "score-cam",
                                               "m2ib",
                                               "meaningful-perturbation",
                                               "extremal-perturbation"};
  return dependent.contains(info.name);
}

class EveryMap : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryMap, FollowsExchangedPatches) {
  const Clip clip = clip_without_positions();
  const Preprocessed image = testing::tiny_image(kColumns * kSide, kRows * kSide);
  const Target target = testing::tiny_targets()[0];
  const auto index = [](std::pair<int, int> patch) {
    return std::size_t(patch.first * kColumns + patch.second);
  };
  const std::pair<int, int> a{0, 1}, b{3, 2};  // not on an axis of the grid, not mirror images
  ExplanationContext before(clip, image, target), after(clip, exchanged(image, a, b), target);
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    if (name_of(info.family) != GetParam() || depends_on_positions(info)) continue;
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
          << info.name << ": the two patches must differ for this test";
      std::swap(expected[index(a)], expected[index(b)]);
      // float32 sums in another order
      EXPECT_TRUE(
          testing::all_close(method.run(after, settings, {}).patches, expected, 1e-4 * size))
          << info.name << " on " << on;
    }
  }
}

class MapOfEqualPatches : public ::testing::TestWithParam<const char*> {};

/// Equal patches must have equal values up to rounding.
TEST_P(MapOfEqualPatches, IsConstant) {
  const Clip clip = clip_without_positions();
  Preprocessed image = testing::tiny_image(kColumns * kSide, kRows * kSide);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = 0.3f * float(1 + i / (kColumns * kSide * kRows * kSide));  // by plane
  }
  ExplanationContext context(clip, image, testing::tiny_targets()[0]);
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    const bool by_noise = info.name == "smoothgrad" || info.name == "vargrad" ||
                          info.name == "expected-gradients" || info.name == "m2ib";
    if (name_of(info.family) != GetParam() || by_noise) continue;
    const std::vector<float> map = method.run(context, MethodSettings(info), {}).patches;
    const auto [least, most] = std::ranges::minmax(map);
    EXPECT_LE(most - least, 1e-4 * testing::largest(map)) << info.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Orientation, MapOfEqualPatches,
                         ::testing::Values("contribution", "gradient", "attention", "cam", "clip"),
                         [](const auto& family) { return std::string(family.param); });

INSTANTIATE_TEST_SUITE_P(Orientation, EveryMap,
                         ::testing::Values("contribution", "gradient", "attention", "cam", "clip",
                                           "perturbation", "optimisation"),
                         [](const auto& family) { return std::string(family.param); });

/// A uniform background of 5 × 4 patches, with one patch, (row, column), of another colour.
Preprocessed background_with(std::optional<std::pair<int, int>> patch) {
  constexpr float kBackground[] = {0.3f, -0.2f, 0.5f}, kObject[] = {-1.5f, 2, -1};
  Preprocessed image = testing::tiny_image(kColumns * kSide, kRows * kSide);
  constexpr std::size_t kWidth = kColumns * kSide, kPlane = kWidth * kRows * kSide;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const int y = int(i % kPlane / kWidth), x = int(i % kWidth);
    const bool here = patch && y / kSide == patch->first && x / kSide == patch->second;
    image.pixels[i] = here ? kObject[i / kPlane] : kBackground[i / kPlane];
  }
  return image;
}

/// The difference between the image with the object and the background alone; large, so that it
/// dominates the regularisation of masks.
Target difference_of(const Clip& clip) {
  Target target{"contrast", "object − background", {}};
  std::vector<Tensor> embeddings;
  for (const auto& image : {background_with(std::pair(1, 3)), background_with({})}) {
    embeddings.push_back(clip.encode_images({&image, 1}));
  }
  const auto length = [](const Tensor& z) {
    double squares = 0;
    for (const float v : z.values()) squares += double(v) * double(v);
    return std::sqrt(squares);
  };
  for (std::size_t k = 0; k < embeddings[0].size(); ++k) {
    target.direction.push_back(
        float(2000 * (double(embeddings[0].data()[k]) / length(embeddings[0]) -
                      double(embeddings[1].data()[k]) / length(embeddings[1]))));
  }
  return target;
}

/// Less noise, so that the object stands out from the background. For masks: a blur that preserves
/// a uniform background at the borders, and a narrow kernel, so that a mask at the border does not
/// use its area on the margin.
std::map<std::string, std::string> settings_of(const MethodInfo& info) {
  for (const MethodOption& option : info.options) {
    if (option.name == "noise") return {{"noise", "0.02"}};
    if (option.name == "area") {
      return {{"border", "renormalised"}, {"smoothness", "14"}};
    }
  }
  return {};
}

class MapThatDependsOnPositions : public ::testing::TestWithParam<const char*> {};

// Four positions that are exchanged when the grid is mirrored, flipped or transposed.
TEST_P(MapThatDependsOnPositions, IsLargestOnThePatchThatDiffers) {
  const Clip clip = clip_without_positions();
  const Target target = difference_of(clip);
  const Method& method = find_method(GetParam());
  ASSERT_TRUE(depends_on_positions(method.info));
  for (const auto& position : {std::pair(1, 3), {1, 0}, {3, 3}, {3, 1}}) {
    ExplanationContext context(clip, background_with(position), target);
    const std::vector<float> map =
        method.run(context, MethodSettings(method.info, settings_of(method.info)), {}).patches;
    std::vector<float> sorted = map;
    std::ranges::sort(sorted);
    const float middle = sorted[sorted.size() / 2];  // value of the background
    const auto distance = [&](float value) { return std::abs(value - middle); };
    const float largest_distance =
        distance(map[std::size_t(position.first * kColumns + position.second)]);
    EXPECT_EQ(largest_distance, distance(std::ranges::max(map, {}, distance)))
        << position.first << ", " << position.second;
    EXPECT_GT(largest_distance, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Orientation, MapThatDependsOnPositions,
                         ::testing::Values("smoothgrad", "vargrad", "expected-gradients", "rise",
                                           "shapley", "shapley-exact", "kernel-shap", "lime",
                                           "banzhaf", "score-cam", "m2ib",
                                           "meaningful-perturbation", "extremal-perturbation"),
                         [](const auto& method) {
                           std::string name = method.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace orientation_test
}  // namespace whyclip
