#include "whyclip/evaluation/pixel_filling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "whyclip/attribution/cell_grid.h"
#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

constexpr std::size_t kPicturesAtOnce = 32;
constexpr std::size_t kChannels = 3;
constexpr std::uint64_t kNoiseSeed = 0;

constexpr std::array<std::string_view, 5> kNames{"drop", "mean", "blur", "black", "noise"};

double mean_of(std::span<const float> values) {
  double sum = 0;
  for (const float v : values) sum += double(v);
  return sum / double(values.size());
}

double deviation_of(std::span<const float> values, double mean) {
  double squares = 0;
  for (const float v : values) squares += (double(v) - mean) * (double(v) - mean);
  return std::sqrt(squares / double(values.size()));
}

void fill_channel(std::span<float> plane, Fill fill, std::size_t channel,
                  const PreprocessConfig& config) {
  if (fill == Fill::kBlack) {
    std::ranges::fill(plane, float(-config.mean[channel] / config.standard_deviation[channel]));
    return;
  }
  const double mean = mean_of(plane);
  if (fill == Fill::kMean) {
    std::ranges::fill(plane, float(mean));
    return;
  }
  const double deviation = deviation_of(plane, mean);
  const std::vector<double> noise = normal_values(kNoiseSeed, channel, plane.size());
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = float(mean + deviation * noise[i]);
}

/// Puts a patch's own pixels back.
void restore(const Preprocessed& picture, int patch, int columns, int side,
             std::span<float> pixels) {
  const int top = patch / columns * side, left = patch % columns * side;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    for (int y = top; y < top + side; ++y) {
      const std::size_t at =
          (channel * std::size_t(picture.height) + std::size_t(y)) * std::size_t(picture.width) +
          std::size_t(left);
      std::copy_n(picture.pixels.begin() + std::ptrdiff_t(at), side,
                  pixels.begin() + std::ptrdiff_t(at));
    }
  }
}

void check_sets(std::span<const PatchSet> kept, int patches) {
  for (std::size_t i = 0; i < kept.size(); ++i) {
    for (const int patch : kept[i]) {
      if (patch >= 0 && patch < patches) continue;
      throw Error(fmt::format("kept set {}", i),
                  fmt::format("expected patches from 0 to {}, got {}", patches - 1, patch));
    }
  }
}

}  // namespace

std::string_view name_of(Fill fill) { return kNames.at(std::size_t(fill)); }

Fill fill_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return Fill(found - kNames.begin());
  throw Error("fill", fmt::format("expected one of {}, got \"{}\"", fmt::join(kNames, ", "), name));
}

std::vector<float> filled_pixels(const Clip& clip, const Preprocessed& picture, Fill fill) {
  if (fill == Fill::kDrop) throw Error("fill", "\"drop\" leaves tokens out and has no pixels");
  std::vector<float> pixels = picture.pixels;
  if (fill == Fill::kBlur) {
    low_pass(pixels, planes_of_cells(picture.height, picture.width, kChannels),
             clip.config().vision.patch_size);
    return pixels;
  }
  const std::size_t plane = pixels.size() / kChannels;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    fill_channel(std::span(pixels).subspan(channel * plane, plane), fill, channel,
                 clip.preprocess_config());
  }
  return pixels;
}

Tensor embeddings_filling(const Clip& clip, const Preprocessed& picture,
                          std::span<const PatchSet> kept, Fill fill, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(picture);
  check_sets(kept, grid.rows * grid.columns);
  Preprocessed filled;
  filled.pixels = filled_pixels(clip, picture, fill);
  filled.width = picture.width;
  filled.height = picture.height;
  Tensor result(std::int64_t(kept.size()), clip.config().projection);
  for (std::size_t begin = 0; begin < kept.size(); begin += kPicturesAtOnce) {
    const std::size_t count = std::min(kPicturesAtOnce, kept.size() - begin);
    std::vector<Preprocessed> batch(count, filled);
    for (std::size_t b = 0; b < count; ++b) {
      for (const int patch : kept[begin + b]) {
        restore(picture, patch, grid.columns, clip.config().vision.patch_size, batch[b].pixels);
      }
    }
    const Tensor embeddings = clip.encode_images(batch);
    if (!kernels::all_finite(embeddings.data(), std::int64_t(embeddings.size()))) {
      throw Error("vision.embedding", "is not finite: the checkpoint overflows on this picture");
    }
    for (std::size_t b = 0; b < count; ++b) {
      std::ranges::copy(embeddings.row(std::int64_t(b)),
                        result.row(std::int64_t(begin + b)).begin());
    }
    report_progress(progress, "filling", std::int64_t(begin + count), std::int64_t(kept.size()));
  }
  return result;
}

}  // namespace whyclip
