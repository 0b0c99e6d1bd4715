#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/zero_shot.h"

namespace whyclip::testing {

/// The tiny checkpoint with the given tensors.
inline Clip tiny_clip(ActivationKind activation,
                      const std::vector<TensorToWrite>& tensors = tiny_tensors()) {
  const TemporaryFolder folder;
  write_tiny_checkpoint(folder.path(), {.activation = activation}, tensors);
  Clip clip = Clip::open(folder.path(), {.threads = testing::threads(), .cache = {}});
  clip.vision();  // map the files before the folder is deleted
  clip.text();
  return clip;
}

/// An image for the tiny checkpoint; width and height are multiples of 4.
inline Preprocessed tiny_image(int width = 16, int height = 16,
                               const std::string& seed = "pixels") {
  Preprocessed result;
  result.width = width;
  result.height = height;
  result.area = {0, 0, double(width), double(height)};
  result.pixels = hash_tensor(seed, std::size_t(3 * width * height), 0, 1);
  return result;
}

/// Directions in its joint space, as long as a text embedding times the logit scale.
inline std::vector<Target> tiny_targets() {
  std::vector<Target> result;
  for (const char* name : {"first", "second"}) {
    const Tensor direction = random_tensor(name, 1, 20);
    result.push_back({"prompt", name, {}});
    for (const float v : direction.values()) result.back().direction.push_back(20 * v);
  }
  return result;
}

inline std::vector<std::int32_t> ids_of(const Clip& clip, const std::string& prompt) {
  return clip.tokenize(prompt).ids();
}

}  // namespace whyclip::testing
