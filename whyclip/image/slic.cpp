#include "whyclip/image/slic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

using Lab = std::array<float, 3>;

constexpr double kMostCompactness = 1e9;  // its square must leave distances finite

/// sRGB to CIELAB under D65 (IEC 61966-2-1, CIE 15).
std::vector<Lab> to_lab(const Image& image) {
  std::array<double, 256> linear;
  for (std::size_t i = 0; i < linear.size(); ++i) {
    const double value = double(i) / 255;
    linear[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  const auto root = [](double t) {
    constexpr double kDelta = 6.0 / 29;
    return t > kDelta * kDelta * kDelta ? std::cbrt(t) : t / (3 * kDelta * kDelta) + 4.0 / 29;
  };
  std::vector<Lab> result(image.rgb.size() / 3);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::uint8_t* rgb = image.rgb.data() + 3 * i;
    const double r = linear[rgb[0]], g = linear[rgb[1]], b = linear[rgb[2]];
    const double x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    const double y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const double z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    result[i] = {float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))};
  }
  return result;
}

double squared_distance(const Lab& a, const Lab& b) {
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += (double(a[c]) - b[c]) * (double(a[c]) - b[c]);
  return sum;
}

/// An image in CIELAB.
struct LabImage {
  int width, height;
  std::vector<Lab> pixels;

  std::size_t index(int x, int y) const {
    return std::size_t(y) * std::size_t(width) + std::size_t(x);
  }
  /// Pixels outside the image repeat its border.
  const Lab& at(int x, int y) const {
    return pixels[index(std::clamp(x, 0, width - 1), std::clamp(y, 0, height - 1))];
  }
  double gradient(int x, int y) const {
    return squared_distance(at(x + 1, y), at(x - 1, y)) +
           squared_distance(at(x, y + 1), at(x, y - 1));
  }
};

struct Centre {
  std::array<double, 3> lab;
  double x, y;
};

/// Centres and their search radius in pixels.
struct Seeds {
  std::vector<Centre> centres;
  double reach;
};

Centre seed_near(const LabImage& image, int x, int y) {
  int best_x = x, best_y = y;
  double least = image.gradient(x, y);
  for (int v = std::max(y - 1, 0); v <= std::min(y + 1, image.height - 1); ++v) {
    for (int u = std::max(x - 1, 0); u <= std::min(x + 1, image.width - 1); ++u) {
      const double gradient = image.gradient(u, v);
      if (gradient >= least) continue;
      least = gradient;
      best_x = u;
      best_y = v;
    }
  }
  const Lab& lab = image.at(best_x, best_y);
  return {{lab[0], lab[1], lab[2]}, double(best_x), double(best_y)};
}

/// Makes exactly `count` seeds in rows; some rows have one more than others.
Seeds make_seeds(const LabImage& image, int count, double step) {
  const int rows = int(std::clamp(std::round(image.height / step), 1.0, double(count)));
  Seeds seeds{{}, std::max(step, double(image.height) / rows)};
  for (int r = 0; r < rows; ++r) {
    const auto before = [&](int row) { return int(std::int64_t(count) * row / rows); };
    const int columns = before(r + 1) - before(r);
    const int y = int((r + 0.5) * image.height / rows);
    for (int c = 0; c < columns; ++c) {
      seeds.centres.push_back(seed_near(image, int((c + 0.5) * image.width / columns), y));
    }
    // In a thin image or a row with fewer seeds, the seeds are further apart than S.
    seeds.reach = std::max(seeds.reach, double(image.width) / columns);
  }
  // A rounded position moved by one is up to 3 pixels from pixels of its own cell, and the first
  // iteration must reach every pixel.
  seeds.reach = std::max(seeds.reach, 3.0);
  return seeds;
}

/// Assigns each pixel to the nearest centre within reach; pixels out of reach keep their label.
void assign(const LabImage& image, const Seeds& seeds, double position_weight,
            std::vector<int>& labels) {
  std::vector<double> nearest(image.pixels.size(), std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < seeds.centres.size(); ++k) {
    const Centre& centre = seeds.centres[k];
    const int top = std::max(int(std::ceil(centre.y - seeds.reach)), 0);
    const int bottom = std::min(int(std::floor(centre.y + seeds.reach)), image.height - 1);
    const int left = std::max(int(std::ceil(centre.x - seeds.reach)), 0);
    const int right = std::min(int(std::floor(centre.x + seeds.reach)), image.width - 1);
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        const std::size_t i = image.index(x, y);
        const Lab& lab = image.pixels[i];
        double distance =
            position_weight * ((x - centre.x) * (x - centre.x) + (y - centre.y) * (y - centre.y));
        for (std::size_t c = 0; c < 3; ++c) {
          distance += (lab[c] - centre.lab[c]) * (lab[c] - centre.lab[c]);
        }
        if (distance >= nearest[i]) continue;
        nearest[i] = distance;
        labels[i] = int(k);
      }
    }
  }
}

/// Moves each centre to the mean of its pixels; centres without pixels stay.
void move_centres(const LabImage& image, const std::vector<int>& labels,
                  std::vector<Centre>& centres) {
  std::vector<Centre> sums(centres.size(), Centre{{0, 0, 0}, 0, 0});
  std::vector<int> members(centres.size(), 0);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::size_t i = image.index(x, y), k = std::size_t(labels[i]);
      ++members[k];
      for (std::size_t c = 0; c < 3; ++c) sums[k].lab[c] += double(image.pixels[i][c]);
      sums[k].x += x;
      sums[k].y += y;
    }
  }
  for (std::size_t k = 0; k < centres.size(); ++k) {
    if (members[k] == 0) continue;
    for (std::size_t c = 0; c < 3; ++c) centres[k].lab[c] = sums[k].lab[c] / members[k];
    centres[k].x = sums[k].x / members[k];
    centres[k].y = sums[k].y / members[k];
  }
}

/// Calls visit(i, j) for all pixels j that share an edge with pixel i.
template <class Visit>
void for_neighbours(std::size_t i, int width, int height, const Visit& visit) {
  const std::size_t w = std::size_t(width), x = i % w, y = i / w;
  if (x > 0) visit(i - 1);
  if (x + 1 < w) visit(i + 1);
  if (y > 0) visit(i - w);
  if (y + 1 < std::size_t(height)) visit(i + w);
}

/// Replaces the labels by indices of connected components, in the order of their first pixels.
/// Returns the number of pixels of each.
std::vector<int> label_components(int width, int height, std::vector<int>& labels) {
  std::vector<int> pieces(labels.size(), -1), sizes;
  std::vector<std::size_t> todo;
  for (std::size_t start = 0; start < labels.size(); ++start) {
    if (pieces[start] >= 0) continue;
    const int piece = int(sizes.size());
    sizes.push_back(0);
    pieces[start] = piece;
    todo.push_back(start);
    while (!todo.empty()) {
      const std::size_t i = todo.back();
      todo.pop_back();
      ++sizes.back();
      for_neighbours(i, width, height, [&](std::size_t j) {
        if (pieces[j] >= 0 || labels[j] != labels[i]) return;
        pieces[j] = piece;
        todo.push_back(j);
      });
    }
  }
  labels = std::move(pieces);
  return sizes;
}

/// The neighbours of each component with the length of the common border.
std::vector<std::map<int, int>> borders_of(int width, int height, const std::vector<int>& pieces,
                                           std::size_t count) {
  std::vector<std::map<int, int>> borders(count);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for_neighbours(i, width, height, [&](std::size_t j) {
      if (pieces[i] != pieces[j]) ++borders[std::size_t(pieces[i])][pieces[j]];
    });
  }
  return borders;
}

/// Merges each component of fewer than `least` pixels, smallest first, into the neighbour with the
/// longest common border; ties go to the first. Returns the component that each is merged into.
std::vector<int> merge_small(std::vector<int> sizes, std::vector<std::map<int, int>> borders,
                             double least) {
  std::vector<int> into(sizes.size());
  std::set<std::pair<int, int>> small;  // size, piece
  for (int p = 0; p < int(sizes.size()); ++p) {
    into[std::size_t(p)] = p;
    if (sizes[std::size_t(p)] < least) small.insert({sizes[std::size_t(p)], p});
  }
  while (!small.empty()) {
    const int piece = small.begin()->second;
    small.erase(small.begin());
    const std::size_t from = std::size_t(piece);
    if (borders[from].empty()) continue;  // the whole image
    const int host =
        std::max_element(borders[from].begin(), borders[from].end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; })
            ->first;
    const std::size_t to = std::size_t(host);
    small.erase({sizes[to], host});
    sizes[to] += sizes[from];
    if (sizes[to] < least) small.insert({sizes[to], host});
    into[from] = host;
    for (const auto& [neighbour, edges] : borders[from]) {
      borders[std::size_t(neighbour)].erase(piece);
      if (neighbour == host) continue;
      borders[std::size_t(neighbour)][host] += edges;
      borders[to][neighbour] += edges;
    }
    borders[from].clear();
  }
  return into;
}

void connect(int width, int height, double least, std::vector<int>& labels) {
  const std::vector<int> sizes = label_components(width, height, labels);
  const std::vector<int> into =
      merge_small(sizes, borders_of(width, height, labels, sizes.size()), least);
  for (int& label : labels) {
    while (into[std::size_t(label)] != label) label = into[std::size_t(label)];
  }
  label_components(width, height, labels);  // renumbers from 0
}

void check_options(const Image& image, const SlicOptions& options) {
  check_image(image, "superpixels");
  const std::int64_t pixels = std::int64_t(image.width) * image.height;
  if (options.count < 1 || options.count > pixels) {
    throw Error("superpixels",
                fmt::format("expected 1 to {} superpixels (the number of pixels), got {}", pixels,
                            options.count));
  }
  if (!(options.compactness > 0 && options.compactness <= kMostCompactness)) {
    throw Error("superpixels", fmt::format("expected a positive compactness up to {:g} (10 is "
                                           "usual), got {}",
                                           kMostCompactness, options.compactness));
  }
  if (options.iterations < 1) {
    throw Error("superpixels",
                fmt::format("expected at least 1 iteration, got {}", options.iterations));
  }
}

}  // namespace

LabelImage slic(const Image& image, const SlicOptions& options) {
  check_options(image, options);
  const LabImage lab{image.width, image.height, to_lab(image)};
  const double area = double(lab.pixels.size()) / options.count;  // S²
  Seeds seeds = make_seeds(lab, options.count, std::sqrt(area));
  LabelImage result{image.width, image.height, {}, false};
  result.labels.assign(lab.pixels.size(), -1);
  for (int i = 0; i < options.iterations; ++i) {
    assign(lab, seeds, options.compactness * options.compactness / area, result.labels);
    move_centres(lab, result.labels, seeds.centres);
  }
  connect(image.width, image.height, area / 4, result.labels);
  return result;
}

}  // namespace whyclip
