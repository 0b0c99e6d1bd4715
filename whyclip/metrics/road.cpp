#include "whyclip/metrics/road.h"

#include <fmt/format.h>

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

constexpr double kBeside = 1.0 / 6, kCorner = 1.0 / 12;
constexpr double kNoise = 0.01;
constexpr std::size_t kPicturesAtOnce = 32;
constexpr std::uint64_t kSeed = 0;

/// Calls visit(neighbour, weight) for those that are in the plane.
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
  std::vector<int> pixels;             // that are missing
};

System system_of(std::span<const std::uint8_t> missing, int height, int width) {
  System system;
  std::vector<int> place(missing.size(), -1);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) continue;
    place[i] = int(system.pixels.size());
    system.pixels.push_back(int(i));
  }
  std::vector<Eigen::Triplet<double>> entries;
  for (int row = 0; row < int(system.pixels.size()); ++row) {
    const int pixel = system.pixels[std::size_t(row)];
    double weights = 0;
    each_neighbour(pixel / width, pixel % width, height, width, [&](int other, double weight) {
      weights += weight;
      const int column = place[std::size_t(other)];
      if (column >= 0 && column < row) entries.emplace_back(row, column, -weight);
    });
    entries.emplace_back(row, row, weights);
  }
  const auto count = Eigen::Index(system.pixels.size());
  system.matrix.resize(count, count);
  system.matrix.setFromTriplets(entries.begin(), entries.end());
  return system;
}

/// Σ w x_j over the neighbours j of each missing pixel that are not missing.
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

double mean_of(std::span<const float> plane) {
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

void impute(std::span<float> planes, std::span<const std::uint8_t> missing, int height, int width,
            std::uint64_t seed) {
  const std::size_t size = std::size_t(std::max(height, 0)) * std::size_t(std::max(width, 0));
  if (size == 0 || planes.size() % size != 0 || missing.size() != size) {
    throw Error("impute", fmt::format("expected planes and a mask of {} × {} pixels, got {} and {}",
                                      height, width, planes.size(), missing.size()));
  }
  const auto gone = std::size_t(std::ranges::count(missing, std::uint8_t{1}));
  if (gone == 0) return;
  const std::size_t channels = planes.size() / size;
  if (gone == size) {
    for (std::size_t c = 0; c < channels; ++c) {
      const std::span<float> plane = planes.subspan(c * size, size);
      std::ranges::fill(plane, float(mean_of(plane)));
    }
    return;
  }
  const System system = system_of(missing, height, width);
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> solver(system.matrix);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::span<float> plane = planes.subspan(c * size, size);
    const Eigen::VectorXd solution =
        solver.solve(known_side(system, plane, missing, height, width));
    // Drawn for every pixel: a pixel's noise does not depend on what else is missing.
    const std::vector<double> noise = normal_values(seed, c, size);
    for (std::size_t i = 0; i < system.pixels.size(); ++i) {
      const auto pixel = std::size_t(system.pixels[i]);
      plane[pixel] = float(solution[Eigen::Index(i)] + kNoise * noise[pixel]);
    }
  }
}

Tensor embeddings_imputing(const Clip& clip, const Preprocessed& picture,
                           std::span<const PatchSet> kept, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(picture);
  const int side = clip.config().vision.patch_size;
  Tensor result(std::int64_t(kept.size()), clip.config().projection);
  for (std::size_t begin = 0; begin < kept.size(); begin += kPicturesAtOnce) {
    const std::size_t count = std::min(kPicturesAtOnce, kept.size() - begin);
    std::vector<Preprocessed> batch(count, picture);
    for (std::size_t b = 0; b < count; ++b) {
      const std::vector<std::uint8_t> missing =
          missing_pixels(kept[begin + b], grid, side, picture.height, picture.width);
      impute(batch[b].pixels, missing, picture.height, picture.width, kSeed);
    }
    const Tensor embeddings = clip.encode_images(batch);
    if (!kernels::all_finite(embeddings.data(), std::int64_t(embeddings.size()))) {
      throw Error("vision.embedding", "is not finite: the checkpoint overflows on this picture");
    }
    for (std::size_t b = 0; b < count; ++b) {
      std::ranges::copy(embeddings.row(std::int64_t(b)),
                        result.row(std::int64_t(begin + b)).begin());
    }
    report_progress(progress, "imputing", std::int64_t(begin + count), std::int64_t(kept.size()));
  }
  return result;
}

}  // namespace whyclip
