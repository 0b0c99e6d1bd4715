#include "whyclip/methods/k_means.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "whyclip/core/random.h"

namespace whyclip {
namespace k_means_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

/// `each` points around each of three centres in the plane.
Tensor three_blobs(int each) {
  const double positions[3][2] = {{0, 0}, {10, 0}, {0, 20}};
  Tensor points(3 * each, 2);
  const std::vector<double> noise = normal_values(1, 0, points.size());
  for (std::int64_t p = 0; p < points.rows(); ++p) {
    for (std::size_t k = 0; k < 2; ++k) {
      points.row(p)[k] = float(positions[p % 3][k] + 0.5 * noise[std::size_t(p) * 2 + k]);
    }
  }
  return points;
}

TEST(KMeans, FindsWellSeparatedGroups) {
  const Tensor points = three_blobs(50);
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    const Clusters found = k_means(points, {.clusters = 3, .seed = seed});
    // If initial centres are in the same group, the optimum is not always found.
    if (found.of[0] == found.of[1] || found.of[0] == found.of[2] || found.of[1] == found.of[2]) {
      continue;
    }
    for (std::size_t p = 0; p < found.of.size(); ++p) EXPECT_EQ(found.of[p], found.of[p % 3]);
    const auto centre = found.centres.row(found.of[2]);
    EXPECT_NEAR(centre[0], 0, 0.3);  // 0.5 / √50, times four
    EXPECT_NEAR(centre[1], 20, 0.3);
    return;
  }
  FAIL() << "no seed of eight found the groups";
}

/// Lloyd's iterations by plain float64 loops, from the initial points of the seed.
std::vector<float> plain_centres(const Tensor& points, int clusters, int rounds,
                                 std::uint64_t seed) {
  std::vector<int> order(std::size_t(points.rows()), 0);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed);
  shuffle(random, order);
  const auto width = std::size_t(points.width());
  std::vector<std::vector<double>> centres;
  for (int c = 0; c < clusters; ++c) {
    const auto row = points.row(order[std::size_t(c)]);
    centres.emplace_back(row.begin(), row.end());
  }
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<double>> sums(centres.size(), std::vector<double>(width, 0.0));
    std::vector<int> counts(centres.size(), 0);
    for (std::int64_t p = 0; p < points.rows(); ++p) {
      std::vector<double> distances;
      for (const auto& centre : centres) {
        double squares = 0;
        for (std::size_t k = 0; k < width; ++k) {
          squares += std::pow(double(points.row(p)[k]) - centre[k], 2);
        }
        distances.push_back(squares);
      }
      const auto own = std::size_t(std::ranges::min_element(distances) - distances.begin());
      for (std::size_t k = 0; k < width; ++k) sums[own][k] += double(points.row(p)[k]);
      ++counts[own];
    }
    for (std::size_t c = 0; c < centres.size(); ++c) {
      for (std::size_t k = 0; k < width && counts[c] > 0; ++k)
        centres[c][k] = sums[c][k] / counts[c];
    }
  }
  std::vector<float> result;
  for (const auto& centre : centres) result.insert(result.end(), centre.begin(), centre.end());
  return result;
}

TEST(KMeans, FollowsLloydsIterations) {
  const Tensor points = testing::random_tensor("points", 60, 7);
  for (const int rounds : {1, 2, 5}) {
    const Clusters found =
        k_means(points, {.clusters = 9, .rounds = rounds, .tolerance = 0, .seed = 3});
    // Means of float32 values of the order of 1.
    EXPECT_TRUE(all_close(found.centres.values(), plain_centres(points, 9, rounds, 3), 1e-6))
        << rounds;
  }
}

TEST(KMeans, DoesNotChangeACentreWithoutPoints) {
  // Two distinct points: with four clusters, two centres are duplicates without points.
  const Tensor points = Tensor::from(4, 1, std::vector<float>{1, 1, 5, 5});
  const Clusters found = k_means(points, {.clusters = 4});
  std::vector<float> centres(found.centres.values().begin(), found.centres.values().end());
  std::ranges::sort(centres);
  EXPECT_EQ(centres, (std::vector<float>{1, 1, 5, 5}));
  EXPECT_EQ(found.of[0], found.of[1]);
  EXPECT_EQ(found.of[2], found.of[3]);
}

TEST(KMeans, DependsOnTheSeedAndNotOnTheNumberOfThreads) {
  const Tensor points = testing::random_tensor("points", 3000, 33);
  const auto centres = [&](int threads, std::uint64_t seed) {
    const Clusters found =
        k_means(points, {.clusters = 40, .rounds = 4, .seed = seed, .threads = threads});
    return std::vector<float>(found.centres.values().begin(), found.centres.values().end());
  };
  const std::vector<float> one = centres(1, 5);
  EXPECT_EQ(one, centres(2, 5));
  EXPECT_EQ(one, centres(3, 5));
  EXPECT_NE(one, centres(1, 6));
}

TEST(KMeans, RejectsMoreClustersThanPoints) {
  const Tensor points = testing::random_tensor("points", 3, 2);
  EXPECT_TRUE(mentions(error_of([&] { k_means(points, {.clusters = 4}); }),
                       {"clusters", "from 1 to 3", "got 4"}));
  EXPECT_TRUE(mentions(error_of([&] { k_means(points, {.clusters = 0}); }), {"got 0"}));
}

}  // namespace k_means_test
}  // namespace whyclip
