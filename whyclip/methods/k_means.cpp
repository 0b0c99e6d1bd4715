#include "whyclip/methods/k_means.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/matrix.h"
#include "whyclip/core/random.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// Points per batch; limits the memory.
constexpr std::int64_t kPointsPerBatch = 1024;

Tensor initial_centres(const Tensor& points, const KMeansOptions& options) {
  std::vector<int> order(std::size_t(points.rows()), 0);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(options.seed);
  shuffle(random, order);
  Tensor centres(options.clusters, points.width());
  for (int c = 0; c < options.clusters; ++c) {
    std::ranges::copy(points.row(order[std::size_t(c)]), centres.row(c).begin());
  }
  return centres;
}

/// The nearest centre c of a point x is where x·c − ‖c‖²/2 is largest.
std::vector<int> nearest(const Tensor& points, const Tensor& centres, int threads) {
  const std::int64_t clusters = centres.rows(), width = centres.width();
  std::vector<float> bias;
  for (std::int64_t c = 0; c < clusters; ++c) {
    bias.push_back(float(-0.5 * kernels::dot(centres.row(c).data(), centres.row(c).data(), width)));
  }
  const PackedMatrix matrix(centres.data(), clusters, width, bias.data(),
                            PackedMatrix::Direction::kForward);
  std::vector<int> result;
  Tensor products(std::min(kPointsPerBatch, points.rows()), clusters);
  for (std::int64_t begin = 0; begin < points.rows(); begin += kPointsPerBatch) {
    const std::int64_t count = std::min(kPointsPerBatch, points.rows() - begin);
    matrix.multiply(points.row(begin).data(), count, products.data(), threads);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto row = products.row(i);
      result.push_back(int(std::ranges::max_element(row) - row.begin()));
    }
  }
  return result;
}

/// Sets the centres to the means of their points. Returns Σ‖change of a centre‖².
double update(const Tensor& points, std::span<const int> of, Tensor& centres) {
  const auto width = std::size_t(centres.width());
  std::vector<double> sums(centres.size(), 0.0);
  std::vector<int> counts(std::size_t(centres.rows()), 0);
  for (std::size_t p = 0; p < of.size(); ++p) {
    const std::span<const float> point = points.row(std::int64_t(p));
    const std::span<double> sum = std::span(sums).subspan(std::size_t(of[p]) * width, width);
    for (std::size_t k = 0; k < width; ++k) sum[k] += double(point[k]);
    ++counts[std::size_t(of[p])];
  }
  double change = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    const std::span<float> centre = centres.row(std::int64_t(c));
    for (std::size_t k = 0; k < width; ++k) {
      const auto mean = float(sums[c * width + k] / counts[c]);
      const double step = double(mean) - double(centre[k]);
      change += step * step;
      centre[k] = mean;
    }
  }
  return change;
}

}  // namespace

Clusters k_means(const Tensor& points, const KMeansOptions& options) {
  if (options.clusters < 1 || options.clusters > points.rows()) {
    throw Error("clusters", fmt::format("expected from 1 to {}, the number of points, got {}",
                                        points.rows(), options.clusters));
  }
  Clusters result{initial_centres(points, options), {}};
  for (int round = 0; round < options.rounds; ++round) {
    report_progress(options.progress, "clusters", round, options.rounds);
    result.of = nearest(points, result.centres, options.threads);
    if (update(points, result.of, result.centres) <= options.tolerance) break;
  }
  result.of = nearest(points, result.centres, options.threads);
  return result;
}

}  // namespace whyclip
