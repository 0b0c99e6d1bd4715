#include <fmt/format.h>

#include <cmath>

#include "whyclip/image/preprocess.h"

namespace whyclip {
namespace {

std::string filter_in_words(const PreprocessConfig& config) {
  const char* filter = config.filter == Filter::kBilinear  ? "bilinear"
                       : config.filter == Filter::kBicubic ? "bicubic"
                                                           : "Lanczos";
  return fmt::format("by {} as {}", filter,
                     config.resampler == Resampler::kPillow ? "Pillow" : "torchvision");
}

std::string size_in_words(const ResizeTo& size) {
  if (const auto* edge = std::get_if<ShortestEdge>(&size)) {
    return fmt::format("shorter side to {}", edge->pixels);
  }
  if (const auto* edge = std::get_if<LongestEdge>(&size)) {
    return fmt::format("longer side to {}", edge->pixels);
  }
  const FixedSize& fixed = std::get<FixedSize>(size);
  return fmt::format("width and height to {} × {}", fixed.width, fixed.height);
}

std::string crop_in_words(const PreprocessConfig& config) {
  const std::string what = std::holds_alternative<LongestEdge>(config.size)
                               ? fmt::format("padded with {} to", config.pad_value)
                               : std::string("centre crop");
  return fmt::format("{} {} × {} (half a margin rounded {})", what, config.crop_width,
                     config.crop_height,
                     config.crop_rounding == CropRounding::kDown ? "down" : "to even");
}

std::string three_in_words(const std::array<double, 3>& values) {
  return fmt::format("{} {} {}", values[0], values[1], values[2]);
}

}  // namespace

std::string describe_preprocessing(const PreprocessConfig& config) {
  constexpr double kUsual = 1.0 / 255.0;
  std::string text;
  const auto add = [&](const std::string& step) { text += text.empty() ? step : ", " + step; };
  if (config.do_resize) add(size_in_words(config.size) + " " + filter_in_words(config));
  if (config.do_center_crop) add(crop_in_words(config));
  // Files write the factor in decimals, which may differ from the fraction by rounding.
  if (std::abs(config.rescale_factor - kUsual) < 1e-12) {
    add("× 1/255");
  } else if (config.rescale_factor != 1.0) {
    add(fmt::format("× {}", config.rescale_factor));
  }
  const std::array<double, 3> zeros{0, 0, 0}, ones{1, 1, 1};
  if (config.mean != zeros || config.standard_deviation != ones) {
    add("mean " + three_in_words(config.mean));
    add("standard deviation " + three_in_words(config.standard_deviation));
  }
  return text;
}

}  // namespace whyclip
