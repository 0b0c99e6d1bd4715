#pragma once

#include <string>

#include "whyclip/image/image.h"
#include "whyclip/render/tint.h"

namespace whyclip {

/// What a legend says.
struct LegendText {
  std::string title;
  std::string unit;
  double limit = 0;  ///< full scale; 0 when every value is zero
};

/// How many rows a legend takes under an image of this size; 0 where none can be read.
int legend_height(int width, int height, bool has_title);

/// Draws a legend on the last `rows` rows of the image: the title (elided), a bar that shows what
/// the tint does to white paper, and ticks at the bar's ends and at zero. The bar runs from −limit
/// to limit (kBlend) or from 0 to limit (kMultiply).
void draw_legend(Image& image, int rows, const LegendText& text, OverlayStyle style,
                 const Tint& tint);

}  // namespace whyclip
