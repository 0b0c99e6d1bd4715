#include "whyclip/image/image_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/image/resize.h"

namespace whyclip {
namespace {

PatchGrid scaled(const PatchGrid& grid, double across, double down) {
  const Rectangle& area = grid.area;
  return {grid.rows,
          grid.columns,
          {area.left * across, area.top * down, area.width * across, area.height * down}};
}

/// Returns whether this can be the size of the resized source image.
bool same_shape(const LabelledView& view, int width, int height) {
  const double across = double(width) / view.width, down = double(height) / view.height;
  return std::abs(view.height * across - height) < 1 || std::abs(view.width * down - width) < 1;
}

/// Labels with any part in the area.
std::set<int> labels_in(const LabelImage& labels, const Rectangle& area) {
  const int left = int(std::max(std::floor(area.left), 0.0));
  const int top = int(std::max(std::floor(area.top), 0.0));
  const int right = int(std::min(std::ceil(area.left + area.width), double(labels.width)));
  const int bottom = int(std::min(std::ceil(area.top + area.height), double(labels.height)));
  std::set<int> result;
  for (int y = top; y < bottom; ++y) {
    const auto row = labels.labels.begin() + std::ptrdiff_t(y) * labels.width;
    int last = -1;
    for (auto at = row + left; at < row + right; ++at) {
      if (*at != last) result.insert(*at);
      last = *at;
    }
  }
  return result;
}

/// The first names and the number of further ones.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 10;
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    result += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kMost) result += fmt::format(" and {} more", names.size() - kMost);
  return result;
}

[[noreturn]] void reject_dropped(const std::string& name, const std::vector<std::string>& dropped,
                                 std::size_t outside, const PatchGrid& grid) {
  constexpr std::size_t kSuspicious = 100;
  throw Error(
      name,
      fmt::format("{} labels have no patch in the grid of {} × {} ({} of them have no pixel in the "
                  "model's input): {}; {}let empty regions be dropped, or draw them larger",
                  dropped.size(), grid.rows, grid.columns, outside, listed(dropped),
                  dropped.size() >= kSuspicious
                      ? "if the file was saved with smooth borders, save it without; "
                      : ""));
}

Regions regions_of_labels(const PatchGrid& grid, const std::vector<int>& patch_labels,
                          const LabelImage& labels) {
  std::map<int, std::vector<int>> patches;
  for (int i = 0; i < int(patch_labels.size()); ++i) {
    patches[patch_labels[std::size_t(i)]].push_back(i);
  }
  std::vector<Region> regions;
  for (auto& [label, owned] : patches) {
    regions.push_back({label_name(labels, label), std::move(owned)});
  }
  return make_regions(grid.rows, grid.columns, std::move(regions));
}

/// Throws Error if the current mask shares pixels with an earlier one.
void check_overlap(std::span<const Mask> masks, std::size_t current, const LabelImage& earlier) {
  std::vector<std::int64_t> shared(current, 0);
  const std::vector<int>& pixels = masks[current].label_image.labels;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i] != 0 && earlier.labels[i] != 0) ++shared[std::size_t(earlier.labels[i]) - 1];
  }
  const auto first = std::find_if(shared.begin(), shared.end(), [](auto n) { return n > 0; });
  if (first == shared.end()) return;
  throw Error(
      "masks",
      fmt::format(
          "\"{}\" and \"{}\" overlap in {} of {} × {} pixels; a pixel may be in only one mask",
          masks[std::size_t(first - shared.begin())].name, masks[current].name, *first,
          earlier.width, earlier.height));
}

/// 0 outside of all masks, 1 inside the first, and so on.
LabelImage joined(std::span<const Mask> masks, const RegionOptions& options) {
  LabelImage result{masks[0].label_image.width, masks[0].label_image.height, {}, false};
  result.labels.assign(masks[0].label_image.labels.size(), 0);
  for (std::size_t m = 0; m < masks.size(); ++m) {
    const LabelImage& label_image = masks[m].label_image;
    check_labels(label_image, masks[m].name);
    if (label_image.width != result.width || label_image.height != result.height) {
      throw Error(
          "masks",
          fmt::format("\"{}\" is {} × {} and \"{}\" is {} × {}; they must have the same size",
                      masks[0].name, result.width, result.height, masks[m].name, label_image.width,
                      label_image.height));
    }
    check_overlap(masks, m, result);
    bool empty = true;
    for (std::size_t i = 0; i < label_image.labels.size(); ++i) {
      if (label_image.labels[i] == 0) continue;
      result.labels[i] = int(m) + 1;
      empty = false;
    }
    if (empty && !options.drop_empty) {
      throw Error("masks", fmt::format("\"{}\" is empty: all of its {} × {} pixels are 0",
                                       masks[m].name, label_image.width, label_image.height));
    }
  }
  return result;
}

/// The part of the image that the grid covers, scaled down; `grid` is changed to match it.
Image visible_part(const Image& image, PatchGrid& grid) {
  constexpr double kMostPixels = 512;
  const Rectangle& area = grid.area;
  constexpr double kRounding = 1e-6;
  if (!(area.width > 0 && area.height > 0 && area.left >= -kRounding && area.top >= -kRounding &&
        area.left + area.width <= image.width + kRounding &&
        area.top + area.height <= image.height + kRounding)) {
    throw Error("superpixels", fmt::format("the patch grid covers {} × {} at ({}, {}), which is "
                                           "not on the image of {} × {}",
                                           area.width, area.height, area.left, area.top,
                                           image.width, image.height));
  }
  const double scale = std::min(1.0, kMostPixels / std::max(area.width, area.height));
  const int width = std::max(1, int(std::round(image.width * scale)));
  const int height = std::max(1, int(std::round(image.height * scale)));
  grid = scaled(grid, double(width) / image.width, double(height) / image.height);
  Window window;
  window.left = int(std::floor(std::max(grid.area.left, 0.0)));
  window.top = int(std::floor(std::max(grid.area.top, 0.0)));
  // A rounding error must not add a column.
  window.width =
      std::min(width, int(std::ceil(grid.area.left + grid.area.width - kRounding))) - window.left;
  window.height =
      std::min(height, int(std::ceil(grid.area.top + grid.area.height - kRounding))) - window.top;
  grid.area.left -= window.left;
  grid.area.top -= window.top;
  return resize(image, width, height, Filter::kBilinear, window);
}

}  // namespace

LabelledView labelled_view(const Image& source, const Preprocessed& input, const PatchGrid& grid) {
  return {source.width, source.height, input.width, input.height, grid};
}

PatchGrid grid_on_labels(const LabelledView& view, int width, int height, const std::string& name) {
  if (view.width <= 0 || view.height <= 0) {
    throw Error("labels",
                fmt::format("expected a view of an image, got {} × {}", view.width, view.height));
  }
  if (width == view.width && height == view.height) return view.grid;
  if (width == view.input_width && height == view.input_height) {
    return {view.grid.rows, view.grid.columns, {0, 0, double(width), double(height)}};
  }
  if (width > 0 && height > 0 && same_shape(view, width, height)) {
    return scaled(view.grid, double(width) / view.width, double(height) / view.height);
  }
  throw Error(
      name,
      fmt::format("labels must have the size of the image ({} × {}, upright), the same aspect "
                  "ratio, or the size of the model's input ({} × {}); got {} × {}",
                  view.width, view.height, view.input_width, view.input_height, width, height));
}

Regions label_regions(const LabelledView& view, const LabelImage& labels,
                      const RegionOptions& options, const std::string& name) {
  check_labels(labels, name);
  const PatchGrid grid = grid_on_labels(view, labels.width, labels.height, name);
  const std::set<int> all = labels_in(labels, {0, 0, double(labels.width), double(labels.height)});
  if (all.size() == 1) {
    throw Error(name, fmt::format("all pixels have the label {}; expected at least two labels",
                                  label_name(labels, *all.begin())));
  }
  const std::vector<int> patch_labels = labels_on_grid(labels, grid);
  const std::set<int> visible = labels_in(labels, grid.area);
  const std::set<int> kept(patch_labels.begin(), patch_labels.end());
  std::vector<std::string> dropped;
  for (const int label : all) {
    if (!kept.contains(label)) dropped.push_back(label_name(labels, label));
  }
  if (!dropped.empty() && !options.drop_empty)
    reject_dropped(name, dropped, all.size() - visible.size(), grid);
  if (kept.size() == 1) {
    throw Error(
        name, fmt::format(
                  "all patches have the label {}, which gives only one region; without a patch: {}",
                  label_name(labels, *kept.begin()), listed(dropped)));
  }
  Regions result = regions_of_labels(grid, patch_labels, labels);
  result.dropped = std::move(dropped);
  return result;
}

Regions mask_regions(const LabelledView& view, std::span<const Mask> masks,
                     const RegionOptions& options) {
  if (masks.empty()) throw Error("masks", "expected at least one");
  const LabelImage labels = joined(masks, options);
  const PatchGrid grid = grid_on_labels(view, labels.width, labels.height, masks[0].name);
  std::vector<Region> regions;
  for (const Mask& mask : masks) regions.push_back({mask.name, {}});
  const std::vector<int> patch_labels = labels_on_grid(labels, grid);
  for (int i = 0; i < int(patch_labels.size()); ++i) {
    const int label = patch_labels[std::size_t(i)];
    if (label > 0) regions[std::size_t(label) - 1].patches.push_back(i);
  }
  return make_regions(grid.rows, grid.columns, std::move(regions), options);
}

Regions superpixel_regions(const PatchGrid& grid, const Image& image, const SlicOptions& options) {
  check_image(image, "superpixels");
  const std::int64_t patches = std::int64_t(std::max(grid.rows, 0)) * std::max(grid.columns, 0);
  if (options.count < 2 || options.count > patches) {
    throw Error("superpixels",
                fmt::format("expected 2 to {} superpixels (the number of patches), got {}", patches,
                            options.count));
  }
  PatchGrid on_part = grid;
  const Image part = visible_part(image, on_part);
  std::vector<int> patch_labels = labels_on_grid(slic(part, options), on_part);
  std::map<int, std::size_t> positions;
  std::vector<Region> regions;
  for (int i = 0; i < int(patch_labels.size()); ++i) {
    const auto [position, is_new] =
        positions.try_emplace(patch_labels[std::size_t(i)], regions.size());
    if (is_new) regions.push_back({fmt::format("superpixel {}", regions.size()), {}});
    regions[position->second].patches.push_back(i);
  }
  return make_regions(grid.rows, grid.columns, std::move(regions));
}

}  // namespace whyclip
