// Orientation of perturbation maps on a drawing with a girl at the lower left and a bird at the
// upper right.

#include <gtest/gtest.h>

#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"

namespace whyclip {
namespace perturbation_toons_test {

/// The mean of a rectangle of 12 × 12 patches, ends excluded.
double mean_of(const std::vector<float>& map, int top, int bottom, int left, int right) {
  double sum = 0;
  for (int r = top; r < bottom; ++r) {
    for (int c = left; c < right; ++c) sum += double(map[std::size_t(r * 12 + c)]);
  }
  return sum / ((bottom - top) * (right - left));
}

std::map<std::string, std::string> fewer_samples(const MethodInfo& method) {
  for (const MethodOption& option : method.options) {
    if (option.name == "masks" || option.name == "samples") return {{option.name, "250"}};
    if (option.name == "pairs") return {{"pairs", "4"}};
    if (option.name == "map") return {{"map", "gain"}};  // ranks have no magnitude
  }
  return {};
}

TEST(PerturbationMethodsOnADrawing, LocateTheBirdAndNotItsMirrorImages) {
  const ZeroShot& classes = testing::toons_classes();
  ExplanationContext context(
      testing::toons(), testing::toons_image(testing::Golden("toons/girl_tree_bird")),
      contrast_target(testing::toons(), classes, class_index_of(classes, "bird"),
                      class_index_of(classes, "girl")));
  for (const Method& method : perturbation_methods()) {
    const std::vector<float> map =
        method.run(context, MethodSettings(method.info, fewer_samples(method.info)), {}).patches;
    const double bird = mean_of(map, 1, 6, 6, 12);
    EXPECT_GT(bird, 0) << method.info.name;
    EXPECT_GT(bird, 1.5 * mean_of(map, 1, 6, 0, 6)) << method.info.name << ", left and right";
    EXPECT_GT(bird, 1.5 * mean_of(map, 6, 11, 6, 12)) << method.info.name << ", up and down";
    EXPECT_GT(bird, 1.5 * mean_of(map, 6, 12, 1, 6)) << method.info.name << ", transposed";
    EXPECT_LT(mean_of(map, 6, 11, 2, 5), bird / 2) << method.info.name << ", the girl";
  }
}

// The default cost on the grid of the embedded model.
TEST(PerturbationMethods, EvaluateAtMostTwelveHundredSetsByDefault) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  for (const Method& method : perturbation_methods()) {
    ExplanationContext context(clip, testing::tiny_image(48, 48), testing::tiny_targets()[0]);
    method.run(context, MethodSettings(method.info), {});
    EXPECT_LE(context.evaluations(), 1200) << method.info.name;
  }
}

}  // namespace perturbation_toons_test
}  // namespace whyclip
