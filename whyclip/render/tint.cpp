#include "whyclip/render/tint.h"

#include "whyclip/render/colormap.h"

namespace whyclip {
namespace {

constexpr std::uint32_t kOne = 1U << 16;

std::uint32_t fixed(double fraction) {
  return static_cast<std::uint32_t>(std::lround(fraction * kOne));
}

}  // namespace

Tint::Tint(OverlayStyle style, double strength) {
  constexpr std::uint32_t kRounding = kOne / 2;
  for (int i = 0; i <= 2 * kHalf; ++i) {
    const double value = static_cast<double>(i - kHalf) / kHalf;
    Step& step = steps_[static_cast<std::size_t>(i)];
    if (style == OverlayStyle::kMultiply) {
      step = {.keep = fixed(std::max(0.0, value)), .add = {kRounding, kRounding, kRounding}};
      continue;
    }
    const HeatColour layer = heat_colour(value);
    const std::uint32_t opacity = fixed(strength * layer.opacity);
    const Colour colour = layer.colour;
    step = {.keep = kOne - opacity,
            .add = {colour.r * opacity + kRounding, colour.g * opacity + kRounding,
                    colour.b * opacity + kRounding}};
  }
}

}  // namespace whyclip
