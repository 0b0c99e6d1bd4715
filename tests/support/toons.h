#pragma once

#include <string>

#include "tests/support/golden.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/zero_shot.h"

namespace whyclip::testing {

/// A golden image of the toons model and the two classes of its contrast.
struct ToonsCase {
  const char* image;
  const char* first;
  const char* second;
};
inline constexpr ToonsCase kToonsContrasts[] = {{"cat", "cat", "dog"},
                                                {"cat_and_dog", "cat", "dog"},
                                                {"girl_tree_bird", "girl", "tree"},
                                                {"sketch_dog", "dog", "cat"},
                                                {"blurry_building", "building", "dog"}};

/// The embedded model with two threads.
const Clip& toons();
/// The classes of the golden files with 80 templates each.
const ZeroShot& toons_classes();
/// The target of ledger.<kind>: "prompt" ("a rendering of a …"), "class" or "contrast".
Target toons_target(const ToonsCase& image, const std::string& kind);
/// The pixels of a golden image.
Preprocessed toons_image(const Golden& golden);

}  // namespace whyclip::testing
