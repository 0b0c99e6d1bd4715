#pragma once

#include <string>

#include "whyclip/image/image.h"
#include "whyclip/render/tint.h"

namespace whyclip {

/// The texts of a legend.
struct LegendText {
  std::string title;
  std::string unit;
  double limit = 0;        ///< full scale; 0 if every value is zero
  bool below_zero = true;  ///< whether the bar begins at −limit instead of 0
};

/// The height in pixels of a legend below an image of this size; 0 if it would not be legible.
int legend_height(int width, int height, bool has_title);

/// Draws a legend on the last `rows` rows of the image: the title (elided), a bar with the tint on
/// white, and ticks at the bar's ends and at zero.
void draw_legend(Image& image, int rows, const LegendText& text, const Tint& tint);

}  // namespace whyclip
