#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/results/common.h"

namespace whyclip {

/// An image that is read when it is needed, so that many need not be in memory at once.
struct ImageSource {
  std::string name = {};  ///< shown in the result: a path
  /// Returns the image and adds warnings about a damaged one. Throws Error if it cannot be read.
  std::function<Image(std::vector<std::string>& warnings)> read = {};
};

/// Reads and preprocesses images one after the other and gives each to `visit`. Returns those that
/// cannot be read. Throws Cancelled.
std::vector<SkippedImage> each_image(const Clip& clip, std::span<const ImageSource> images,
                                     View view, const Progress& progress,
                                     const std::function<void(const Preprocessed& image)>& visit);

/// "2 images could not be read: a.png, b.png."; of many images the first names.
std::string skipped_note(std::span<const SkippedImage> skipped);

}  // namespace whyclip
