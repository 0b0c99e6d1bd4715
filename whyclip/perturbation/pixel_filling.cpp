#include "whyclip/perturbation/pixel_filling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "whyclip/core/cell_grid.h"
#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/perturbation/road.h"
#include "whyclip/perturbation/token_rows.h"

namespace whyclip {
namespace {

constexpr std::size_t kChannels = 3;
constexpr std::uint64_t kNoiseSeed = 0;

constexpr std::array<std::string_view, kFills.size()> kNames{"drop",  "mean",  "blur",
                                                             "black", "noise", "road"};

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

std::vector<float> filled_pixels(const Clip& clip, const Preprocessed& image, Fill fill) {
  if (fill == Fill::kRemove) throw Error("fill", "\"drop\" removes tokens and has no pixels");
  if (fill == Fill::kRoad) throw Error("fill", "the pixels of \"road\" depend on the kept patches");
  std::vector<float> pixels = image.pixels;
  if (fill == Fill::kBlur) {
    low_pass(pixels, planes_of_cells(image.height, image.width, kChannels),
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

Tensor embeddings_filling(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, Fill fill, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(image);
  const int patches = grid.rows * grid.columns;
  check_sets(kept, patches);
  if (fill == Fill::kRoad) return embeddings_imputing(clip, image, kept, progress);
  // A patch's token depends only on its own pixels, so the tokens of the original and of the filled
  // image are enough.
  std::vector<Preprocessed> both(2, image);
  both[1].pixels = filled_pixels(clip, image, fill);
  const Workspace workspace(clip.threads());
  Trace trace(workspace);
  const Value tokens = clip.vision().embed(trace, clip.pixel_batch(both));
  const int each = 1 + patches;
  std::vector<TokenRows> rows(kept.size(), TokenRows(std::size_t(each), 0));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::iota(rows[i].begin() + 1, rows[i].end(), each + 1);
    for (const int patch : kept[i]) rows[i][std::size_t(patch) + 1] = patch + 1;
  }
  return embeddings_of_rows(clip, *tokens, rows, "filling", progress);
}

}  // namespace whyclip
