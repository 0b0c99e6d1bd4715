#include "whyclip/image/label_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

bool is_png(std::span<const std::byte> bytes) {
  constexpr std::uint8_t kMagic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= std::size(kMagic) &&
         std::equal(std::begin(kMagic), std::end(kMagic), bytes.begin(),
                    [](std::uint8_t a, std::byte b) { return std::byte(a) == b; });
}

/// Pixels that a row or column of patches touches, with the covered fraction of each.
struct Extent {
  int first = 0;
  std::vector<double> covered;
};

/// Extent of cell `index` of `cells` equal cells between start and start + length, on `pixels`
/// pixels.
Extent extent(double start, double length, int cells, int index, int pixels) {
  // The end of a cell and the start of the next use the same expression, so that there is no gap.
  const double from = std::max(start + length * index / cells, 0.0);
  const double to = std::min(start + length * (index + 1) / cells, double(pixels));
  Extent result;
  if (!(from < to)) return result;
  result.first = int(from);
  for (int i = result.first; i < to; ++i) {
    result.covered.push_back(std::min(to, i + 1.0) - std::max(from, double(i)));
  }
  return result;
}

std::map<int, double> areas_in(const LabelImage& labels, const Extent& down, const Extent& across) {
  std::map<int, double> areas;
  for (std::size_t y = 0; y < down.covered.size(); ++y) {
    const int* row = labels.labels.data() +
                     (std::size_t(down.first) + y) * std::size_t(labels.width) + across.first;
    auto position = areas.end();
    for (std::size_t x = 0; x < across.covered.size(); ++x) {
      // Neighbouring pixels mostly have the same label.
      if (position == areas.end() || position->first != row[x]) {
        position = areas.try_emplace(row[x], 0.0).first;
      }
      position->second += down.covered[y] * across.covered[x];
    }
  }
  return areas;
}

int largest_label(const std::map<int, double>& areas) {
  double total = 0, most = 0;
  for (const auto& [label, area] : areas) {
    total += area;
    most = std::max(most, area);
  }
  // Equal areas may differ by rounding; the map is ordered by label.
  const double enough = most - 1e-9 * total;
  return std::find_if(areas.begin(), areas.end(),
                      [&](const auto& entry) { return entry.second >= enough; })
      ->first;
}

void check_grid(const PatchGrid& grid) {
  const Rectangle& area = grid.area;
  const bool sound = std::isfinite(area.left) && std::isfinite(area.top) &&
                     std::isfinite(area.width) && std::isfinite(area.height) && area.width > 0 &&
                     area.height > 0;
  if (grid.rows <= 0 || grid.columns <= 0 || !sound) {
    throw Error("patch grid",
                fmt::format("expected rows and columns that fill an area, got {} × {} on {} × {}",
                            grid.rows, grid.columns, area.width, area.height));
  }
}

}  // namespace

void check_labels(const LabelImage& labels, std::string_view where) {
  if (labels.width <= 0 || labels.height <= 0) {
    throw Error(where, fmt::format("expected a label image of at least 1 × 1, got {} × {}",
                                   labels.width, labels.height));
  }
  const std::size_t expected = std::size_t(labels.width) * std::size_t(labels.height);
  if (labels.labels.size() != expected) {
    throw Error(where, fmt::format("a label image of {} × {} needs {} labels, got {}", labels.width,
                                   labels.height, expected, labels.labels.size()));
  }
  const auto least = std::min_element(labels.labels.begin(), labels.labels.end());
  if (*least < 0) throw Error(where, fmt::format("a label must not be negative, got {}", *least));
}

std::string label_name(const LabelImage& label_image, int label) {
  return label_image.colours ? fmt::format("#{:06x}", label) : fmt::format("{}", label);
}

LabelImage labels_of(const Image& image) {
  check_image(image, "labels");
  LabelImage result{image.width, image.height, {}, true};
  result.labels.resize(image.rgb.size() / 3);
  for (std::size_t i = 0; i < result.labels.size(); ++i) {
    const std::uint8_t* rgb = image.rgb.data() + 3 * i;
    result.labels[i] = rgb[0] << 16 | rgb[1] << 8 | rgb[2];
  }
  return result;
}

LabelImage decode_labels(std::span<const std::byte> bytes, std::string_view name,
                         const DecodeOptions& options, PaletteLabels palette) {
  if (!is_png(bytes)) {
    throw Error(name, "labels and masks must be PNG files, which have exact pixels");
  }
  detail::DecodedLabels decoded = detail::decode_png_labels(bytes, name, options, palette);
  LabelImage result =
      labels_of(upright(std::move(decoded.packed.image), decoded.packed.orientation));
  result.colours = decoded.colours;
  return result;
}

LabelImage read_labels(const std::filesystem::path& path, const DecodeOptions& options,
                       PaletteLabels palette) {
  return decode_labels(read_bytes(path), path.string(), options, palette);
}

std::vector<int> labels_on_grid(const LabelImage& labels, const PatchGrid& grid) {
  check_labels(labels, "labels");
  check_grid(grid);
  const Rectangle& area = grid.area;
  std::vector<Extent> columns;
  for (int c = 0; c < grid.columns; ++c) {
    columns.push_back(extent(area.left, area.width, grid.columns, c, labels.width));
  }
  std::vector<int> result;
  for (int r = 0; r < grid.rows; ++r) {
    const Extent rows = extent(area.top, area.height, grid.rows, r, labels.height);
    for (int c = 0; c < grid.columns; ++c) {
      const std::map<int, double> areas = areas_in(labels, rows, columns[std::size_t(c)]);
      if (areas.empty()) {
        throw Error("patch grid", fmt::format("patch r{}c{} is outside the image of {} × {}", r, c,
                                              labels.width, labels.height));
      }
      result.push_back(largest_label(areas));
    }
  }
  return result;
}

}  // namespace whyclip
