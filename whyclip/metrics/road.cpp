#include "whyclip/metrics/road.h"

#include <fmt/format.h>

#include <Eigen/IterativeLinearSolvers>
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
constexpr double kTolerance = 1e-4;
constexpr std::size_t kPicturesAtOnce = 32;
constexpr std::size_t kChannels = 3;

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
  Eigen::SparseMatrix<double> matrix;
  Eigen::VectorXd known;  // Σ w x_j over neighbours that are not missing
  std::vector<int> pixels;
};

System system_of(std::span<const float> plane, std::span<const std::uint8_t> missing, int height,
                 int width) {
  System system;
  std::vector<int> place(missing.size(), -1);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) continue;
    place[i] = int(system.pixels.size());
    system.pixels.push_back(int(i));
  }
  const auto count = Eigen::Index(system.pixels.size());
  system.matrix.resize(count, count);
  system.matrix.reserve(Eigen::VectorXi::Constant(count, 9));
  system.known = Eigen::VectorXd::Zero(count);
  for (Eigen::Index row = 0; row < count; ++row) {
    const int pixel = system.pixels[std::size_t(row)];
    double weights = 0;
    each_neighbour(pixel / width, pixel % width, height, width, [&](int other, double weight) {
      weights += weight;
      const int column = place[std::size_t(other)];
      if (column < 0) {
        system.known[row] += weight * double(plane[std::size_t(other)]);
      } else {
        system.matrix.insert(row, column) = -weight;
      }
    });
    system.matrix.insert(row, row) = weights;
  }
  system.matrix.makeCompressed();
  return system;
}

double mean_where(std::span<const float> plane, std::span<const std::uint8_t> missing,
                  std::uint8_t value) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < plane.size(); ++i) {
    if (missing[i] != value) continue;
    sum += double(plane[i]);
    ++count;
  }
  return sum / double(count);
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

void impute(std::span<float> plane, std::span<const std::uint8_t> missing, int height, int width,
            std::uint64_t seed) {
  const std::size_t size = std::size_t(std::max(height, 0)) * std::size_t(std::max(width, 0));
  if (size == 0 || plane.size() != size || missing.size() != size) {
    throw Error("impute", fmt::format("expected {} × {} pixels, got {} and {} of the mask", height,
                                      width, plane.size(), missing.size()));
  }
  const auto gone = std::size_t(std::ranges::count(missing, std::uint8_t{1}));
  if (gone == 0) return;
  if (gone == size) {
    std::ranges::fill(plane, float(mean_where(plane, missing, 1)));
    return;
  }
  const System system = system_of(plane, missing, height, width);
  Eigen::ConjugateGradient<Eigen::SparseMatrix<double>, Eigen::Lower | Eigen::Upper> solver;
  solver.setTolerance(kTolerance);
  solver.compute(system.matrix);
  const auto start =
      Eigen::VectorXd::Constant(system.known.size(), mean_where(plane, missing, 0)).eval();
  const Eigen::VectorXd solution = solver.solveWithGuess(system.known, start);
  // Drawn for every pixel: a pixel's noise does not depend on what else is missing.
  const std::vector<double> noise = normal_values(seed, 0, size);
  for (std::size_t i = 0; i < system.pixels.size(); ++i) {
    const auto pixel = std::size_t(system.pixels[i]);
    plane[pixel] = float(solution[Eigen::Index(i)] + kNoise * noise[pixel]);
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
      const std::size_t plane = batch[b].pixels.size() / kChannels;
      for (std::size_t channel = 0; channel < kChannels; ++channel) {
        impute(std::span(batch[b].pixels).subspan(channel * plane, plane), missing, picture.height,
               picture.width, channel);
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
    report_progress(progress, "imputing", std::int64_t(begin + count), std::int64_t(kept.size()));
  }
  return result;
}

}  // namespace whyclip
