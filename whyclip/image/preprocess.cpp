#include "whyclip/image/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

struct Size {
  int width = 0, height = 0;
};

Size checked(std::int64_t width, std::int64_t height, const Image& image) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  if (width <= 0 || height <= 0 || width > kMost || height > kMost) {
    throw Error("preprocess", fmt::format("an image of {} × {} cannot be resized to {} × {}",
                                          image.width, image.height, width, height));
  }
  return {int(width), int(height)};
}

/// Sizes with `edge` on the shorter side and `long_edge` on the other.
Size along(const Image& image, std::int64_t edge, std::int64_t long_edge) {
  return image.width <= image.height ? checked(edge, long_edge, image)
                                     : checked(long_edge, edge, image);
}

/// open_clip's ResizeKeepRatio with longest = 1 for a square: Python's round rounds a half to even,
/// as std::nearbyint does.
Size with_longest_edge(const Image& image, int edge) {
  const double ratio = std::max(double(image.width) / edge, double(image.height) / edge);
  return checked(std::int64_t(std::nearbyint(image.width / ratio)),
                 std::int64_t(std::nearbyint(image.height / ratio)), image);
}

Size resized_size(const Image& image, const PreprocessConfig& config) {
  if (!config.do_resize) return {image.width, image.height};
  if (const auto* fixed = std::get_if<FixedSize>(&config.size)) {
    return checked(fixed->width, fixed->height, image);
  }
  if (const auto* longest = std::get_if<LongestEdge>(&config.size)) {
    return with_longest_edge(image, longest->pixels);
  }
  const std::int64_t edge = std::get<ShortestEdge>(config.size).pixels;
  const auto [shorter, longer] = std::minmax(image.width, image.height);
  // Division of doubles, then truncation, like Python's int(edge * longer / shorter).
  return along(image, edge, std::int64_t(double(edge * longer) / shorter));
}

/// The first pixel of a centre crop of `crop` pixels; below 0 if the crop is larger than `size`.
int crop_start(int size, int crop, const PreprocessConfig& config) {
  if (crop > size) {
    const int missing = crop - size;
    return config.pad_rounding == PadRounding::kUp ? -((missing + 1) / 2) : -(missing / 2);
  }
  const int margin = size - crop, half = margin / 2;
  const bool up = config.crop_rounding == CropRounding::kToEven && margin % 2 != 0 && half % 2 != 0;
  return up ? half + 1 : half;
}

Window centre_crop(const Size& size, const PreprocessConfig& config) {
  if (!config.do_center_crop) return {0, 0, size.width, size.height};
  return {crop_start(size.width, config.crop_width, config),
          crop_start(size.height, config.crop_height, config), config.crop_width,
          config.crop_height};
}

/// The part of a window that is inside an image of this size.
Window inside(const Window& window, const Size& size) {
  const int left = std::max(window.left, 0), top = std::max(window.top, 0);
  return {left, top, std::min(window.left + window.width, size.width) - left,
          std::min(window.top + window.height, size.height) - top};
}

/// `image` is the part `inner` of the window; the rest gets `value`.
Image padded(const Image& image, const Window& window, const Window& inner, std::uint8_t value) {
  Image result{
      window.width, window.height,
      std::vector<std::uint8_t>(std::size_t(window.width) * std::size_t(window.height) * 3, value)};
  const std::size_t row = std::size_t(inner.width) * 3;
  for (int y = 0; y < inner.height; ++y) {
    const std::size_t to = (std::size_t(y + inner.top - window.top) * std::size_t(window.width) +
                            std::size_t(inner.left - window.left)) *
                           3;
    std::copy_n(image.rgb.data() + std::size_t(y) * row, row, result.rgb.data() + to);
  }
  return result;
}

/// 3 × height × width, planar.
std::vector<float> normalise(const Image& image, const PreprocessConfig& config) {
  const std::size_t count = image.rgb.size() / 3;
  std::vector<float> pixels(count * 3);
  for (std::size_t c = 0; c < 3; ++c) {
    std::array<float, 256> table;
    for (int value = 0; value < 256; ++value) {
      table[std::size_t(value)] =
          float((value * config.rescale_factor - config.mean[c]) / config.standard_deviation[c]);
    }
    for (std::size_t i = 0; i < count; ++i) pixels[c * count + i] = table[image.rgb[3 * i + c]];
  }
  return pixels;
}

Preprocessed finish(const Image& image, const Size& size, const Window& window,
                    const PreprocessConfig& config) {
  const double across = double(image.width) / size.width;
  const double down = double(image.height) / size.height;
  Preprocessed result;
  result.width = window.width;
  result.height = window.height;
  const Window inner = inside(window, size);
  result.cropped = resize(image, size.width, size.height, config.filter, inner, config.resampler);
  if (inner.width != window.width || inner.height != window.height) {
    result.cropped = padded(result.cropped, window, inner, config.pad_value);
  }
  result.pixels = normalise(result.cropped, config);
  result.area = {window.left * across, window.top * down, window.width * across,
                 window.height * down};
  return result;
}

}  // namespace

Preprocessed preprocess(const Image& image, const PreprocessConfig& config) {
  check_image(image, "preprocess");
  const Size size = resized_size(image, config);
  return finish(image, size, centre_crop(size, config), config);
}

Preprocessed preprocess_whole(const Image& image, const PreprocessConfig& config, int patch_size,
                              int max_patches) {
  check_image(image, "preprocess");
  const bool upright = image.width <= image.height;
  const std::int64_t edge = upright ? config.crop_width : config.crop_height;
  if (patch_size <= 0 || edge < patch_size || edge % patch_size != 0) {
    throw Error("preprocess", fmt::format("patches of {} do not divide the model's image size {}",
                                          patch_size, edge));
  }
  const auto [shorter, longer] = std::minmax(image.width, image.height);
  // Rounded division; longer / shorter ≥ 1 gives at least one patch.
  const std::int64_t unit = std::int64_t(shorter) * patch_size;
  const std::int64_t patches_along = (2 * edge * longer + unit) / (2 * unit);
  const std::int64_t patches = patches_along * (edge / patch_size);
  if (patches > max_patches) {
    throw Error("preprocess",
                fmt::format("the whole image of {} × {} needs {} patches, the limit "
                            "is {}; crop it, or use the centre crop",
                            image.width, image.height, patches, max_patches),
                ErrorCode::kLimit);
  }
  const Size size = along(image, edge, patches_along * patch_size);
  return finish(image, size, {0, 0, size.width, size.height}, config);
}

PatchGrid patch_grid(const Preprocessed& image, int patch_size) {
  if (patch_size <= 0 || image.width <= 0 || image.height <= 0 || image.width % patch_size != 0 ||
      image.height % patch_size != 0) {
    throw Error("patch_grid", fmt::format("patches of {} do not divide an image of {} × {}",
                                          patch_size, image.width, image.height));
  }
  return {image.height / patch_size, image.width / patch_size, image.area};
}

Image undo_normalisation(std::span<const float> pixels, int width, int height,
                         const PreprocessConfig& config) {
  const std::size_t count = std::size_t(std::max(width, 0)) * std::size_t(std::max(height, 0));
  if (count == 0 || pixels.size() != count * 3) {
    throw Error("undo_normalisation",
                fmt::format("expected 3 × {} × {} values, got {}", height, width, pixels.size()));
  }
  Image image{width, height, std::vector<std::uint8_t>(count * 3)};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < count; ++i) {
      const double value =
          (double(pixels[c * count + i]) * config.standard_deviation[c] + config.mean[c]) /
          config.rescale_factor;
      // NaN becomes 0.
      image.rgb[3 * i + c] = value > 0 ? std::uint8_t(std::min(std::round(value), 255.0)) : 0;
    }
  }
  return image;
}

}  // namespace whyclip
