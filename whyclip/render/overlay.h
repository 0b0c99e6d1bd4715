#pragma once

#include <span>
#include <string>

#include "whyclip/image/image.h"
#include "whyclip/render/grid_sampler.h"

namespace whyclip {

/// kBlend draws diverging colours over the image; opacity grows with |value|, so that zero leaves
/// the image unchanged. kMultiply multiplies the image by the positive part of the values, scaled
/// to [0, 1]: pixels without positive value are black.
enum class OverlayStyle { kBlend, kMultiply };

struct OverlayOptions {
  OverlayStyle style = OverlayStyle::kBlend;
  Upsampling upsampling = Upsampling::kBilinear;
  double strength = 0.85;  ///< opacity at full scale, in [0, 1] (kBlend only)
  double limit = 0;        ///< full scale in units of the values; 0: the largest |value|
  bool is_signed = true;   ///< false: the legend of kBlend ranges from 0 to full scale
  bool legend = true;      ///< adds a legend below if the image is wide enough
  std::string title = {};  ///< above the legend's colour bar
  std::string unit = "logit";
};

/// Draws one value per patch (rows × columns, row-major) over the grid's area of the image.
/// Pixels outside of the area, which the model does not see, are greyed. The result has the image's
/// width and resolution; a legend adds rows at the bottom. Throws Error for values that are not
/// finite or do not fit the grid, an empty image or area, and an option out of range.
Image overlay(const Image& source, const PatchGrid& grid, std::span<const float> values,
              const OverlayOptions& options = {});

}  // namespace whyclip
