#pragma once

#include <span>
#include <string>

#include "whyclip/image/image.h"
#include "whyclip/render/grid_sampler.h"

namespace whyclip {

/// kBlend lays diverging colours over the image, the more opaque the larger |value|, so that zero
/// leaves the image as it is. kMultiply multiplies the image by the positive part of the
/// values, scaled to [0, 1]: dark where nothing counted.
enum class OverlayStyle { kBlend, kMultiply };

struct OverlayOptions {
  OverlayStyle style = OverlayStyle::kBlend;
  Upsampling upsampling = Upsampling::kBilinear;
  double strength = 0.85;  ///< opacity at full scale, in [0, 1] (kBlend only)
  double limit = 0;        ///< full scale in units of the values; 0: the largest |value|
  bool legend = true;      ///< adds a strip underneath where the image is wide enough for one
  std::string title = {};  ///< above the legend's colour bar
  std::string unit = "logit";
};

/// The image at its own resolution with one value per patch (rows × columns, row-major) drawn
/// over the grid's area; pixels outside the area, which the model did not see, are greyed. The
/// result is as wide as the image and its first rows are the image's; a legend adds rows
/// underneath. Throws Error on values that are not finite or do not fit the grid, an empty image
/// or area, or an option out of range.
Image overlay(const Image& source, const PatchGrid& grid, std::span<const float> values,
              const OverlayOptions& options = {});

}  // namespace whyclip
