#include "tests/support/toons.h"

#include "tests/support/threads.h"
#include "whyclip/text/templates.h"

namespace whyclip::testing {

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

const ZeroShot& toons_classes() {
  static const ZeroShot zero_shot =
      zero_shot_classes(toons(), golden_prompts().classes, imagenet_templates());
  return zero_shot;
}

Target toons_target(const ToonsCase& image, const std::string& kind) {
  const ZeroShot& classes = toons_classes();
  const int first = class_index_of(classes, image.first);
  if (kind == "class") return class_target(toons(), classes, first);
  if (kind == "contrast") {
    return contrast_target(toons(), classes, first, class_index_of(classes, image.second));
  }
  constexpr int kTemplates = 80, kRendering = 5;  // "a rendering of a {}."
  return prompt_target(toons(), classes, first * kTemplates + kRendering);
}

Preprocessed toons_image(const Golden& golden) {
  Preprocessed result;
  result.pixels = golden.floats("pixels");
  result.width = result.height = 96;
  result.area = {0, 0, 96, 96};
  return result;
}

}  // namespace whyclip::testing
