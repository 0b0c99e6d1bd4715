#include "whyclip/image/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// Pillow's weights are integers in units of 2^-22: with 8 bits of the pixel and 2 bits of headroom
/// they fill 32.
constexpr int kPillowBits = 22;
/// PyTorch's weights are integers of 16 bits.
constexpr int kWeightLimit = 1 << 15;

double bilinear(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Keys' cubic convolution with a = -1/2.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0; }

struct Kernel {
  double (*value)(double);
  double support;  ///< radius in pixels of the larger image; zero beyond
};

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBilinear:
      return {bilinear, 1.0};
    case Filter::kBicubic:
      return {bicubic, 2.0};
    case Filter::kLanczos:
      return {lanczos, 3.0};
  }
  throw Error("filter", "expected bilinear, bicubic or lanczos");
}

/// Source pixels and weights of one destination pixel along one axis.
struct Taps {
  int first = 0;
  std::vector<std::int32_t> weights;  ///< of the pixels first, first + 1, …
};

/// The taps of some destination pixels; weights are in units of 2^-bits.
struct Axis {
  int bits = kPillowBits;
  std::vector<Taps> taps;

  std::size_t size() const { return taps.size(); }
  std::int32_t half() const { return 1 << (bits - 1); }
  std::uint8_t to_byte(std::int32_t sum) const {
    return std::uint8_t(std::clamp(sum >> bits, 0, 255));
  }
};

/// Source pixels and weights before rounding; the weights add up to 1.
struct ExactTaps {
  int first = 0;
  std::vector<double> weights;
};

ExactTaps exact_taps(int source_size, int size, int position, const Kernel& kernel) {
  const double scale = double(source_size) / size;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  const double centre = (position + 0.5) * scale;
  const int first = std::max(int(centre - support + 0.5), 0);
  const int end = std::min(int(centre + support + 0.5), source_size);
  ExactTaps taps{first, std::vector<double>(std::size_t(end - first))};
  double sum = 0.0;
  for (int i = 0; i < end - first; ++i) {
    taps.weights[std::size_t(i)] = kernel.value((i + first - centre + 0.5) * (1.0 / stretch));
    sum += taps.weights[std::size_t(i)];
  }
  if (sum != 0.0) {
    for (double& weight : taps.weights) weight /= sum;
  }
  return taps;
}

/// The most fraction bits with which the largest weight of the axis, rounded, is below 2^15:
/// PyTorch looks at every position of the destination. An axis of more positions than are looked at
/// here is enlarged so much that its largest weight is 1 up to rounding in any part of it.
int torchvision_bits(int source_size, int size, const Kernel& kernel) {
  constexpr int kMostPositions = 1 << 20;
  double largest = 0;
  for (int i = 0; i < std::min(size, kMostPositions); ++i) {
    for (const double weight : exact_taps(source_size, size, i, kernel).weights) {
      largest = std::max(largest, weight);
    }
  }
  int bits = 0;
  while (bits < kPillowBits && int(0.5 + largest * (1 << (bits + 1))) < kWeightLimit) ++bits;
  return bits;
}

/// The taps of positions begin … begin + count - 1 of `size`.
Axis make_axis(int source_size, int size, int begin, int count, const Kernel& kernel,
               Resampler resampler) {
  Axis axis;
  if (resampler == Resampler::kTorchvision) {
    axis.bits = torchvision_bits(source_size, size, kernel);
  }
  axis.taps.reserve(std::size_t(count));
  for (int i = 0; i < count; ++i) {
    const ExactTaps exact = exact_taps(source_size, size, begin + i, kernel);
    Taps taps{exact.first, {}};
    taps.weights.reserve(exact.weights.size());
    for (const double weight : exact.weights) {
      const double scaled = weight * (1 << axis.bits);
      taps.weights.push_back(std::int32_t(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
    axis.taps.push_back(std::move(taps));
  }
  return axis;
}

/// Resizes one row of the source, width × 3, to one of the destination, axis.size() × 3.
void resize_row(const std::uint8_t* source, const Axis& axis, std::uint8_t* to) {
  for (const Taps& taps : axis.taps) {
    const std::uint8_t* from = source + std::size_t(taps.first) * 3;
    std::int32_t red = axis.half(), green = red, blue = red;
    for (const std::int32_t weight : taps.weights) {
      red += from[0] * weight;
      green += from[1] * weight;
      blue += from[2] * weight;
      from += 3;
    }
    to[0] = axis.to_byte(red);
    to[1] = axis.to_byte(green);
    to[2] = axis.to_byte(blue);
    to += 3;
  }
}

/// Computes row `y` of the destination; the first row of `source` is row `first_row` of the image.
void blend_rows(const std::vector<std::uint8_t>& source, int first_row, const Axis& down,
                std::size_t y, std::vector<std::int32_t>& sums, std::uint8_t* to) {
  const Taps& taps = down.taps[y];
  std::fill(sums.begin(), sums.end(), down.half());
  const std::uint8_t* row = source.data() + std::size_t(taps.first - first_row) * sums.size();
  for (const std::int32_t weight : taps.weights) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row[i] * weight;
    row += sums.size();
  }
  std::transform(sums.begin(), sums.end(), to, [&](std::int32_t sum) { return down.to_byte(sum); });
}

void check_window(int width, int height, const Window& window) {
  if (width <= 0 || height <= 0) {
    throw Error("resize",
                fmt::format("expected at least 1 × 1 pixels, got {} × {}", width, height));
  }
  if (window.left < 0 || window.top < 0 || window.width <= 0 || window.height <= 0 ||
      window.width > width - window.left || window.height > height - window.top) {
    throw Error("resize",
                fmt::format("the window of {} × {} at ({}, {}) is not inside {} × {}", window.width,
                            window.height, window.left, window.top, width, height));
  }
}

/// Returns whether Pillow 13 does the vertical pass first; earlier versions never do. The rule was
/// found by comparing both orders on 2300 sizes and holds for all of them.
bool is_vertical_first(const Image& image, int width, int height) {
  const std::int64_t rows_less = image.height - height, columns_less = image.width - width;
  return rows_less > 0 && rows_less > 2 * columns_less && columns_less != 0;
}

/// Resizes with the vertical pass first.
Image resize_down_then_across(const Image& image, const Axis& across, const Axis& down) {
  const std::size_t source_row = std::size_t(image.width) * 3, row = across.size() * 3;
  Image result{int(across.size()), int(down.size()), std::vector<std::uint8_t>(row * down.size())};
  std::vector<std::uint8_t> lowered(source_row);
  std::vector<std::int32_t> sums(source_row);
  for (std::size_t y = 0; y < down.size(); ++y) {
    blend_rows(image.rgb, 0, down, y, sums, lowered.data());
    resize_row(lowered.data(), across, result.rgb.data() + y * row);
  }
  return result;
}

}  // namespace

Image resize(const Image& image, int width, int height, Filter filter, const Window& window,
             Resampler resampler) {
  check_image(image, "resize");
  check_window(width, height, window);
  if (resampler == Resampler::kTorchvision && filter == Filter::kLanczos) {
    throw Error("resize", "torchvision has no Lanczos filter; expected bilinear or bicubic");
  }
  // An axis whose size does not change needs no special case: its weights are one and zeros.
  const Kernel kernel = kernel_of(filter);
  const auto across = make_axis(image.width, width, window.left, window.width, kernel, resampler);
  const auto down = make_axis(image.height, height, window.top, window.height, kernel, resampler);

  if (resampler == Resampler::kPillow && is_vertical_first(image, width, height)) {
    return resize_down_then_across(image, across, down);
  }
  const int first_row = down.taps.front().first;
  const int end_row = down.taps.back().first + int(down.taps.back().weights.size());
  const std::size_t row_bytes = std::size_t(window.width) * 3;
  std::vector<std::uint8_t> narrowed(std::size_t(end_row - first_row) * row_bytes);
  for (int y = first_row; y < end_row; ++y) {
    resize_row(image.rgb.data() + std::size_t(y) * std::size_t(image.width) * 3, across,
               narrowed.data() + std::size_t(y - first_row) * row_bytes);
  }
  Image result{window.width, window.height,
               std::vector<std::uint8_t>(row_bytes * std::size_t(window.height))};
  std::vector<std::int32_t> sums(row_bytes);
  for (std::size_t y = 0; y < down.size(); ++y) {
    blend_rows(narrowed, first_row, down, y, sums, result.rgb.data() + y * row_bytes);
  }
  return result;
}

Image resize(const Image& image, int width, int height, Filter filter) {
  return resize(image, width, height, filter, {0, 0, width, height});
}

}  // namespace whyclip
