#include "whyclip/render/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/render/legend.h"
#include "whyclip/render/tint.h"

namespace whyclip {
namespace {

void check_options(const OverlayOptions& options) {
  if (!(options.strength >= 0 && options.strength <= 1)) {
    throw Error("overlay strength", fmt::format("expected 0 to 1, got {}", options.strength));
  }
  if (!(options.limit >= 0 && std::isfinite(options.limit))) {
    throw Error("overlay limit", fmt::format("expected 0 or more, got {}", options.limit));
  }
}

/// The largest |value| (kBlend) or positive value (kMultiply).
double largest(std::span<const float> values, OverlayStyle style) {
  double maximum = 0;
  for (const float value : values) {
    maximum = std::max<double>(maximum, style == OverlayStyle::kBlend ? std::abs(value) : value);
  }
  return maximum;
}

/// The values in units of full scale, clamped so that interpolation cannot overflow.
std::vector<float> scaled(std::span<const float> values, double limit) {
  constexpr double kMaxScaled = 1e6;
  std::vector<float> scaled_values(values.size(), 0.0F);
  if (limit == 0) return scaled_values;
  std::ranges::transform(values, scaled_values.begin(), [&](float value) {
    return static_cast<float>(std::clamp(value / limit, -kMaxScaled, kMaxScaled));
  });
  return scaled_values;
}

/// Greys pixels that the model does not see: mixes their luma with a middle grey.
void fade(std::uint8_t* pixels, std::ptrdiff_t count) {
  for (std::uint8_t* pixel = pixels; pixel < pixels + 3 * count; pixel += 3) {
    const int luma = (77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2]) >> 8;  // Rec. 601 weights
    const auto grey = static_cast<std::uint8_t>((luma * 3 + 128 * 5) / 8);
    std::fill(pixel, pixel + 3, grey);
  }
}

void paint(Image& image, int height, GridSampler& sampler, const Tint& tint) {
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row = image.rgb.data() + static_cast<std::ptrdiff_t>(y) * image.width * 3;
    if (y < sampler.top() || y >= sampler.bottom() || sampler.left() >= sampler.right()) {
      fade(row, image.width);
      continue;
    }
    fade(row, sampler.left());
    std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(sampler.left()) * 3;
    for (const float value : sampler.row(y)) {
      tint.apply(pixel, value);
      pixel += 3;
    }
    fade(pixel, image.width - sampler.right());
  }
}

}  // namespace

Image overlay(const Image& source, const PatchGrid& grid, std::span<const float> values,
              const OverlayOptions& options) {
  check_map(source, grid, values);
  check_options(options);
  const double limit = options.limit > 0 ? options.limit : largest(values, options.style);
  const std::vector<float> scaled_values = scaled(values, limit);
  const Tint tint(options.style, options.strength);
  GridSampler sampler(grid, scaled_values, source.width, source.height, options.upsampling);

  const bool has_title = !options.title.empty();
  const int rows = options.legend ? legend_height(source.width, source.height, has_title) : 0;
  Image result{.width = source.width, .height = source.height + rows, .rgb = {}};
  const auto bytes =
      static_cast<std::size_t>(result.width) * static_cast<std::size_t>(result.height) * 3;
  result.rgb.reserve(bytes);
  result.rgb = source.rgb;
  paint(result, source.height, sampler, tint);
  if (rows > 0) {
    result.rgb.resize(bytes);
    draw_legend(result, rows,
                {.title = options.title,
                 .unit = options.unit,
                 .limit = limit,
                 .below_zero = options.is_signed && options.style == OverlayStyle::kBlend},
                tint);
  }
  return result;
}

}  // namespace whyclip
