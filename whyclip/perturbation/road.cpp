#include "whyclip/perturbation/road.h"

#include <fmt/format.h>

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <numeric>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

constexpr double kBeside = 1.0 / 6, kCorner = 1.0 / 12;
/// Standard deviation of the noise, in pixel values from 0 to 1: the default of the authors'
/// program.
constexpr double kDeviation = 0.01;
constexpr std::size_t kRowsAtOnce = 1024;  // token rows
constexpr std::uint64_t kSeed = 0;

/// Calls visit(neighbour, weight) for the neighbours in the plane.
template <class Visit>
void each_neighbour(int y, int x, int height, int width, Visit&& visit) {
  for (int dy = -1; dy <= 1; ++dy) {
    for (int dx = -1; dx <= 1; ++dx) {
      if ((dy == 0 && dx == 0) || y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) {
        continue;
      }
      visit((y + dy) * width + x + dx, dy != 0 && dx != 0 ? kCorner : kBeside);
    }
  }
}

/// Σ w (x_i − x_j) = 0 for each missing pixel i: symmetric, and positive definite as long as some
/// pixel is known.
struct System {
  Eigen::SparseMatrix<double> matrix;  // the lower triangle
  std::vector<int> pixels;             // missing ones
};

/// Appends the pixels in an elimination order with little fill-in (nested dissection: George 1973):
/// both sides of a line through the middle first, then the line, which separates them.
void dissect(int top, int bottom, int left, int right, int width, std::vector<int>& order) {
  if (top >= bottom || left >= right) return;
  constexpr int kSmall = 3;
  const bool across = bottom - top > right - left;
  const int middle = across ? (top + bottom) / 2 : (left + right) / 2;
  if (std::max(bottom - top, right - left) > kSmall) {
    if (across) {
      dissect(top, middle, left, right, width, order);
      dissect(middle + 1, bottom, left, right, width, order);
      top = middle;
      bottom = middle + 1;
    } else {
      dissect(top, bottom, left, middle, width, order);
      dissect(top, bottom, middle + 1, right, width, order);
      left = middle;
      right = middle + 1;
    }
  }
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) order.push_back(y * width + x);
  }
}

System system_of(std::span<const std::uint8_t> missing, int height, int width) {
  constexpr Eigen::Index kEntriesPerColumn = 5;  // on average: the pixel and half of its neighbours
  System system;
  std::vector<int> position(missing.size(), -1);
  std::vector<int> order;
  dissect(0, height, 0, width, width, order);
  for (const int pixel : order) {
    if (missing[std::size_t(pixel)] == 0) continue;
    position[std::size_t(pixel)] = int(system.pixels.size());
    system.pixels.push_back(pixel);
  }
  const auto count = Eigen::Index(system.pixels.size());
  system.matrix.resize(count, count);
  system.matrix.reserve(kEntriesPerColumn * count);
  std::vector<std::pair<int, double>> rows;  // of a column
  for (int column = 0; column < int(count); ++column) {
    const int pixel = system.pixels[std::size_t(column)], y = pixel / width, x = pixel % width;
    double weights = 0;
    each_neighbour(y, x, height, width, [&](int, double weight) { weights += weight; });
    rows.clear();
    each_neighbour(y, x, height, width, [&](int other, double weight) {
      const int row = position[std::size_t(other)];
      if (row > column) rows.emplace_back(row, -weight);
    });
    std::ranges::sort(rows);
    system.matrix.startVec(column);
    system.matrix.insertBack(column, column) = weights;
    for (const auto& entry : rows) system.matrix.insertBack(entry.first, column) = entry.second;
  }
  system.matrix.finalize();
  return system;
}

/// Σ w x_j over the known neighbours j of each missing pixel.
Eigen::VectorXd known_side(const System& system, std::span<const float> plane,
                           std::span<const std::uint8_t> missing, int height, int width) {
  Eigen::VectorXd known = Eigen::VectorXd::Zero(Eigen::Index(system.pixels.size()));
  for (Eigen::Index row = 0; row < known.size(); ++row) {
    const int pixel = system.pixels[std::size_t(row)];
    each_neighbour(pixel / width, pixel % width, height, width, [&](int other, double weight) {
      if (missing[std::size_t(other)] == 0)
        known[row] += weight * double(plane[std::size_t(other)]);
    });
  }
  return known;
}

double mean_of_plane(std::span<const float> plane) {
  return std::accumulate(plane.begin(), plane.end(), 0.0) / double(plane.size());
}

std::vector<std::uint8_t> missing_pixels(const PatchSet& kept, const PatchGrid& grid, int side,
                                         int height, int width) {
  std::vector<std::uint8_t> missing(std::size_t(height) * std::size_t(width), 1);
  for (const int patch : kept) {
    const int top = patch / grid.columns * side, left = patch % grid.columns * side;
    for (int y = top; y < top + side; ++y) {
      const auto row = missing.begin() + std::ptrdiff_t{y} * width + left;
      std::fill(row, row + side, std::uint8_t{0});
    }
  }
  return missing;
}

}  // namespace

std::vector<double> imputation_noise(std::span<const double> standard_deviation, std::size_t pixels,
                                     std::uint64_t seed) {
  std::vector<double> noise;
  for (std::size_t c = 0; c < standard_deviation.size(); ++c) {
    const double deviation = kDeviation / standard_deviation[c];
    for (const double value : normal_values(seed, c, pixels)) noise.push_back(deviation * value);
  }
  return noise;
}

void impute(std::span<float> planes, std::span<const std::uint8_t> missing, int height, int width,
            std::span<const double> noise) {
  const std::size_t size = std::size_t(std::max(height, 0)) * std::size_t(std::max(width, 0));
  if (size == 0 || planes.size() % size != 0 || missing.size() != size ||
      noise.size() != planes.size()) {
    throw Error(
        "impute",
        fmt::format("expected planes, a mask and noise of {} × {} pixels, got {}, {} and {}",
                    height, width, planes.size(), missing.size(), noise.size()));
  }
  const auto removed = std::size_t(std::ranges::count(missing, std::uint8_t{1}));
  if (removed == 0) return;
  const std::size_t channels = planes.size() / size;
  if (removed == size) {
    for (std::size_t c = 0; c < channels; ++c) {
      const std::span<float> plane = planes.subspan(c * size, size);
      std::ranges::fill(plane, float(mean_of_plane(plane)));
    }
    return;
  }
  const System system = system_of(missing, height, width);
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>, Eigen::Lower,
                              Eigen::NaturalOrdering<int>>
      solver(system.matrix);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::span<float> plane = planes.subspan(c * size, size);
    const Eigen::VectorXd solution =
        solver.solve(known_side(system, plane, missing, height, width));
    for (std::size_t i = 0; i < system.pixels.size(); ++i) {
      const auto pixel = std::size_t(system.pixels[i]);
      plane[pixel] = float(solution[Eigen::Index(i)] + noise[c * size + pixel]);
    }
  }
}

Tensor embeddings_imputing(const Clip& clip, const Preprocessed& image,
                           std::span<const PatchSet> kept, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(image);
  const int side = clip.config().vision.patch_size;
  // the same noise for every set
  const std::vector<double> noise =
      imputation_noise(clip.preprocess_config().standard_deviation,
                       std::size_t(image.height) * std::size_t(image.width), kSeed);
  const std::size_t at_once =
      std::max<std::size_t>(1, kRowsAtOnce / std::size_t(1 + grid.rows * grid.columns));
  Tensor result(std::int64_t(kept.size()), clip.config().projection);
  for (std::size_t begin = 0; begin < kept.size(); begin += at_once) {
    std::vector<Preprocessed> batch(std::min(at_once, kept.size() - begin), image);
    for (std::size_t b = 0; b < batch.size(); ++b) {
      impute(batch[b].pixels,
             missing_pixels(kept[begin + b], grid, side, image.height, image.width), image.height,
             image.width, noise);
    }
    const Tensor embeddings = clip.encode_images(batch);
    if (!kernels::all_finite(embeddings.data(), std::int64_t(embeddings.size()))) {
      throw Error("vision.embedding", "is not finite: the checkpoint overflows on this image");
    }
    std::ranges::copy(embeddings.values(), result.row(std::int64_t(begin)).begin());
    report_progress(progress, "imputing", std::int64_t(begin + batch.size()),
                    std::int64_t(kept.size()));
  }
  return result;
}

}  // namespace whyclip
