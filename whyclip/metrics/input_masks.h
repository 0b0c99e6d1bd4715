#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/image/preprocess.h"

namespace whyclip {

/// A part of an object at the pixels of the model's input.
struct InputPart {
  std::string name = {};                  ///< "ears"
  std::string thing = {};                 ///< "cat"
  std::vector<std::uint8_t> inside = {};  ///< (height, width): 1 inside
  int label = 0;                          ///< its label in the data set, from 1
};

/// Ground truth at the pixels of the model's input.
struct InputMasks {
  int width = 0, height = 0;
  std::vector<std::uint8_t> target = {};  ///< (height, width): 1 on the target object
  std::vector<std::uint8_t> ignored =
      {};                             ///< (height, width): 1 on unlabelled pixels; may be empty
  std::vector<InputPart> parts = {};  ///< parts of all objects

  bool counts(std::size_t pixel) const { return ignored.empty() || ignored[pixel] == 0; }
};

/// Resamples a mask of the source image to the pixels of the model's input: each pixel takes the
/// source pixel that contains its centre. `mask` is (source_height, source_width), 0 or 1. Throws
/// Error for a mask of another size.
std::vector<std::uint8_t> mask_on_input(std::span<const std::uint8_t> mask, int source_width,
                                        int source_height, const Preprocessed& seen);

/// The fraction of each patch inside the mask, (rows, columns). Throws Error unless the mask is
/// divisible into the patches.
std::vector<double> cover_of_patches(std::span<const std::uint8_t> inside, int width, int height,
                                     int rows, int columns);

}  // namespace whyclip
