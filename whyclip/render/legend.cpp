#include "whyclip/render/legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "whyclip/render/text.h"

namespace whyclip {
namespace {

constexpr int kMinEm = 10;        // smallest legible text size, in pixels
constexpr int kMinWidth = 72;     // fits three ticks at that size
constexpr double kTitleEms = 20;  // narrower strips show no title
constexpr double kUnitEms = 16;   // narrower strips show no unit
constexpr Colour kLegendInk{.r = 28, .g = 30, .b = 35};
constexpr Colour kFaintInk{.r = 150, .g = 153, .b = 160};

/// The text size for an image: in proportion to its side, limited by its width.
int em_for(int width, int height) {
  const double side = std::sqrt(static_cast<double>(width) * height);
  return std::max(kMinEm, static_cast<int>(std::min(side, 1.2 * width) / 40));
}

/// Positions in a legend, in pixels from its top left corner.
struct Layout {
  int em, margin, title_baseline, bar_top, bar_height, tick_baseline, rows;
};

Layout layout(int em, bool has_title) {
  const auto ems = [&](double count) { return static_cast<int>(std::lround(count * em)); };
  Layout l{};
  l.em = em;
  l.margin = ems(0.7);
  l.title_baseline = ems(1.45);
  l.bar_top = has_title ? ems(2.1) : ems(0.6);
  l.bar_height = ems(0.8);
  l.tick_baseline = l.bar_top + l.bar_height + ems(1.15);
  l.rows = l.tick_baseline + ems(0.65);
  return l;
}

bool shows_title(int width, int em, bool has_title) { return has_title && width >= kTitleEms * em; }

/// "+0.412", "−0.412" or "0".
std::string legend_tick(double value) {
  if (value == 0) return "0";
  return fmt::format("{}{:.3g}", value < 0 ? "−" : "+", std::abs(value));
}

std::uint8_t* pixel_at(Image& image, int x, int y) {
  return image.rgb.data() + (static_cast<std::ptrdiff_t>(y) * image.width + x) * std::ptrdiff_t{3};
}

void put(Image& image, int x, int y, Colour colour) {
  std::uint8_t* pixel = pixel_at(image, x, y);
  pixel[0] = colour.r;
  pixel[1] = colour.g;
  pixel[2] = colour.b;
}

void draw_bar(Image& image, int left, int right, int top, int bottom, double minimum,
              const Tint& tint) {
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const double fraction = (x + 0.5 - left) / (right - left);
      tint.apply(pixel_at(image, x, y), static_cast<float>(std::lerp(minimum, 1.0, fraction)));
    }
  }
  for (int x = left - 1; x <= right; ++x) {
    put(image, x, top - 1, kFaintInk);
    put(image, x, bottom, kFaintInk);
  }
  for (int y = top; y < bottom; ++y) {
    put(image, left - 1, y, kFaintInk);
    put(image, right, y, kFaintInk);
  }
}

}  // namespace

int legend_height(int width, int height, bool has_title) {
  if (width < kMinWidth) return 0;
  const int em = em_for(width, height);
  return layout(em, shows_title(width, em, has_title)).rows;
}

void draw_legend(Image& image, int rows, const LegendText& text, const Tint& tint) {
  const int top = image.height - rows;
  std::fill(image.rgb.begin() + (pixel_at(image, 0, top) - image.rgb.data()), image.rgb.end(),
            std::uint8_t{255});
  const int em = em_for(image.width, top);
  const bool titled = shows_title(image.width, em, !text.title.empty());
  const Layout l = layout(em, titled);
  const int left = l.margin;
  const int right = image.width - l.margin;
  const Font font(em);
  if (titled) {
    font.draw(image, left, top + l.title_baseline, font.elide(text.title, right - left),
              kLegendInk);
  }
  const double minimum = text.below_zero ? -1 : 0;
  draw_bar(image, left, right, top + l.bar_top, top + l.bar_top + l.bar_height, minimum, tint);

  const int baseline = top + l.tick_baseline;
  const bool has_unit = image.width >= kUnitEms * em && !text.unit.empty();
  const std::string last =
      has_unit ? font.elide(legend_tick(text.limit) + " " + text.unit, (right - left) / 2 - em)
               : legend_tick(text.limit);
  font.draw(image, right - font.width(last), baseline, last, kLegendInk);
  if (text.limit == 0) return;
  const std::string first = legend_tick(minimum * text.limit);
  const int first_end = left + font.width(first) + em / 2;
  const int last_start = right - font.width(last) - em / 2;
  if (first_end <= last_start) font.draw(image, left, baseline, first, kLegendInk);
  const int zero = (left + right - font.width("0")) / 2;
  const bool zero_fits = first_end <= zero && zero + font.width("0") <= last_start;
  if (text.below_zero && zero_fits) font.draw(image, zero, baseline, "0", kLegendInk);
}

}  // namespace whyclip
