#include "whyclip/render/colormap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace whyclip {
namespace {

constexpr double kNeutralLightness = 0.965;
constexpr double kEndLightness = 0.48;
constexpr double kEndChroma = 0.185;  // the maximum in gamut for both hues at kEndLightness
constexpr double kRedHue = 27;        // degrees in Oklab's (a, b) plane
constexpr double kBlueHue = 261;

/// The sRGB transfer function (IEC 61966-2-1), to 8 bits.
std::uint8_t encode(double linear) {
  const double x = std::clamp(linear, 0.0, 1.0);
  const double srgb = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255 * srgb));
}

/// Oklab to sRGB with the two published matrices of Ottosson 2020.
Colour from_oklab(double lightness, double a, double b) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
  return {.r = encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          .g = encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          .b = encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

}  // namespace

Colour diverging(double value) {
  const double clamped = std::isnan(value) ? 0 : std::clamp(value, -1.0, 1.0);
  const double fraction = std::abs(clamped);
  const double hue = (clamped < 0 ? kBlueHue : kRedHue) * std::numbers::pi / 180;
  const double chroma = kEndChroma * fraction;
  return from_oklab(std::lerp(kNeutralLightness, kEndLightness, fraction), chroma * std::cos(hue),
                    chroma * std::sin(hue));
}

HeatColour heat_colour(double value) {
  constexpr double kFaintest = 0.35;  // the palest colour; paler ones would whiten the image
  constexpr double kRise = 0.65;
  const double fraction = std::isnan(value) ? 0 : std::min(1.0, std::abs(value));
  const double strength = std::lerp(kFaintest, 1.0, fraction);
  return {.colour = diverging(std::copysign(strength, value)),
          .opacity = std::pow(fraction, kRise)};
}

std::string hex(Colour colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b);
}

}  // namespace whyclip
