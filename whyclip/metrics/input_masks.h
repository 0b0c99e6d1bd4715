#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/image/preprocess.h"

namespace whyclip {

/// What a pixel of the model's input belongs to.
struct InputPart {
  std::string name = {};                  ///< "ears"
  std::string thing = {};                 ///< "cat"
  std::vector<std::uint8_t> inside = {};  ///< (height, width): 1 inside
  int label = 0;                          ///< its number in the set of images, from 1
};

/// Ground truth at the pixels of the model's input.
struct InputMasks {
  int width = 0, height = 0;
  std::vector<std::uint8_t> target = {};   ///< (height, width): 1 on the thing asked about
  std::vector<std::uint8_t> ignored = {};  ///< the same: 1 where nothing is said; may be empty
  std::vector<InputPart> parts = {};       ///< of all things

  bool counts(std::size_t pixel) const { return ignored.empty() || ignored[pixel] == 0; }
};

/// A mask of the source image at the pixels of the model's input: each takes the source pixel
/// that its centre lies in. `mask` is (source_height, source_width), 0 or 1. Throws Error for a
/// mask of another size.
std::vector<std::uint8_t> mask_on_input(std::span<const std::uint8_t> mask, int source_width,
                                        int source_height, const Preprocessed& seen);

/// How much of each patch lies inside, 0 to 1, (rows, columns). Throws Error unless the patches
/// divide the mask.
std::vector<double> cover_of_patches(std::span<const std::uint8_t> inside, int width, int height,
                                     int rows, int columns);

}  // namespace whyclip
