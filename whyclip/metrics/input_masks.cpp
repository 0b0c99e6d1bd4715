#include "whyclip/metrics/input_masks.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

std::vector<std::uint8_t> mask_on_input(std::span<const std::uint8_t> mask, int source_width,
                                        int source_height, const Preprocessed& seen) {
  if (source_width < 1 || source_height < 1 ||
      mask.size() != std::size_t(source_width) * std::size_t(source_height)) {
    throw Error("mask", fmt::format("expected {} × {} pixels, the size of the image, got {}",
                                    source_width, source_height, mask.size()));
  }
  const auto source_pixel = [](double begin, double length, int pixel, int pixels, int most) {
    return std::clamp(int(begin + length * (pixel + 0.5) / pixels), 0, most - 1);
  };
  std::vector<std::uint8_t> result;
  for (int y = 0; y < seen.height; ++y) {
    const int row = source_pixel(seen.area.top, seen.area.height, y, seen.height, source_height);
    for (int x = 0; x < seen.width; ++x) {
      const int column = source_pixel(seen.area.left, seen.area.width, x, seen.width, source_width);
      const std::size_t at = std::size_t(row) * std::size_t(source_width) + std::size_t(column);
      result.push_back(mask[at] != 0 ? 1 : 0);
    }
  }
  return result;
}

std::vector<double> cover_of_patches(std::span<const std::uint8_t> inside, int width, int height,
                                     int rows, int columns) {
  if (rows < 1 || columns < 1 || height % rows != 0 || width % columns != 0 ||
      inside.size() != std::size_t(width) * std::size_t(height)) {
    throw Error("mask",
                fmt::format("expected {} × {} pixels, divisible into {} × {} patches, got {}",
                            width, height, rows, columns, inside.size()));
  }
  const int tall = height / rows, wide = width / columns;
  std::vector<double> cover(std::size_t(rows) * std::size_t(columns), 0.0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (inside[std::size_t(y) * std::size_t(width) + std::size_t(x)] == 0) continue;
      const int patch = y / tall * columns + x / wide;
      cover[std::size_t(patch)] += 1.0 / (double(tall) * wide);
    }
  }
  return cover;
}

}  // namespace whyclip
