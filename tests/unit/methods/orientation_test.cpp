// Every map lies on the picture the right way round.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/close.h"
#include "tests/support/toons.h"
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

/// These have no such symmetry: noise, shifts and samples are drawn for places, blur and smooth
/// masks know neighbours, and blocks are cut where they are cut.
bool is_tied_to_places(const MethodInfo& info) {
  static const std::set<std::string> tied{"smoothgrad",
                                          "vargrad",
                                          "expected-gradients",
                                          "rise",
                                          "shapley",
                                          "shapley-exact",
                                          "kernel-shap",
                                          "lime",
                                          "banzhaf",
                                          "meaningful-perturbation",
                                          "extremal-perturbation"};
  return tied.contains(info.name);
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
                         ::testing::Values("contribution", "gradient", "attention", "cam", "clip",
                                           "perturbation", "optimisation"),
                         [](const auto& family) { return std::string(family.param); });

// A drawing of 12 × 12 patches: on the right, above the middle, a bird; on the left, below, a girl.

constexpr int kGrid = 12, kPixels = 96;

/// A part of it, ends not included.
struct Part {
  int top, bottom, left, right;

  Part mirrored() const { return {top, bottom, kGrid - right, kGrid - left}; }
  Part upside_down() const { return {kGrid - bottom, kGrid - top, left, right}; }
  Part transposed() const { return {left, right, top, bottom}; }
};

constexpr Part kBird{1, 6, 6, 12};

double mean_of(const std::vector<float>& map, const Part& part) {
  double sum = 0;
  for (int r = part.top; r < part.bottom; ++r) {
    for (int c = part.left; c < part.right; ++c) sum += double(map[std::size_t(r * kGrid + c)]);
  }
  return sum / ((part.bottom - part.top) * (part.right - part.left));
}

/// The drawing with each pixel (y, x) from source(y, x).
template <class Source>
Preprocessed rearranged(const Preprocessed& picture, Source source) {
  Preprocessed result = picture;
  for (int k = 0; k < 3; ++k) {
    for (int y = 0; y < kPixels; ++y) {
      for (int x = 0; x < kPixels; ++x) {
        const auto [from_y, from_x] = source(y, x);
        result.pixels[std::size_t((k * kPixels + y) * kPixels + x)] =
            picture.pixels[std::size_t((k * kPixels + from_y) * kPixels + from_x)];
      }
    }
  }
  return result;
}

/// Less work where the defaults take long.
std::map<std::string, std::string> less_work(const MethodInfo& info) {
  const bool many = info.family == MethodFamily::kPerturbation;
  for (const MethodOption& option : info.options) {
    if (option.name == "masks") return {{"masks", "250"}};
    if (option.name == "samples") return {{"samples", many ? "250" : "16"}};
    if (option.name == "pairs") return {{"pairs", "4"}};
  }
  return {};
}

class MapTiedToPlaces : public ::testing::TestWithParam<const char*> {};

TEST_P(MapTiedToPlaces, LiesOnTheBirdAndMovesWithIt) {
  const Preprocessed drawing = testing::toons_picture(testing::Golden("toons/girl_tree_bird"));
  const ZeroShot& classes = testing::toons_classes();
  const Target target = contrast_target(testing::toons(), classes, class_index_of(classes, "bird"),
                                        class_index_of(classes, "girl"));
  const Method& method = find_method(GetParam());
  ASSERT_TRUE(is_tied_to_places(method.info));
  const auto look = [&](const char* what, const Preprocessed& picture, const Part& bird) {
    Subject subject(testing::toons(), picture, target);
    const std::vector<float> map =
        method.run(subject, MethodSettings(method.info, less_work(method.info)), {}).patches;
    const double here = mean_of(map, bird);
    EXPECT_GT(here, 0) << what;
    EXPECT_GT(here, 1.2 * mean_of(map, bird.mirrored())) << what << ", left and right";
    EXPECT_GT(here, 1.2 * mean_of(map, bird.upside_down())) << what << ", up and down";
    EXPECT_GT(here, 1.2 * mean_of(map, bird.transposed())) << what << ", transposed";
  };
  look("as it is", drawing, kBird);
  look("mirrored", rearranged(drawing, [](int y, int x) { return std::pair(y, kPixels - 1 - x); }),
       kBird.mirrored());
  look("transposed", rearranged(drawing, [](int y, int x) { return std::pair(x, y); }),
       kBird.transposed());
}

INSTANTIATE_TEST_SUITE_P(Orientation, MapTiedToPlaces,
                         ::testing::Values("smoothgrad", "vargrad", "expected-gradients", "rise",
                                           "shapley", "shapley-exact", "kernel-shap", "lime",
                                           "banzhaf", "meaningful-perturbation",
                                           "extremal-perturbation"),
                         [](const auto& method) {
                           std::string name = method.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace whyclip
