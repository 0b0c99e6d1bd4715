#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/clip.h"
#include "whyclip/zero_shot.h"

namespace whyclip::testing {

/// The tiny checkpoint, with these tensors.
inline Clip tiny_clip(ActivationKind activation,
                      const std::vector<TensorToWrite>& tensors = tiny_tensors()) {
  const TemporaryFolder folder;
  write_tiny_checkpoint(folder.path(), {.activation = activation}, tensors);
  Clip clip = Clip::open(folder.path(), {.threads = 2, .cache = {}});
  clip.vision();  // the files are mapped: they may go
  clip.text();
  return clip;
}

inline std::vector<std::int32_t> ids_of(const Clip& clip, const std::string& prompt) {
  return clip.tokenize(prompt).ids();
}

}  // namespace whyclip::testing
