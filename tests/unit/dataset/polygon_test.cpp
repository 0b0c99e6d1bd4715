#include "whyclip/dataset/polygon.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/dataset/dataset_files.h"

namespace whyclip::detail {
namespace polygon_test {

using testing::drawn;
using Rows = std::vector<std::string>;

Rows filled(const std::vector<Corner>& ring, int width, int height) {
  std::vector<std::uint8_t> mask(std::size_t(width) * std::size_t(height), 0);
  mark_ring(ring, width, height, mask);
  return drawn(mask, width);
}

TEST(MarkRing, FillsThePixelsOfARectangleOnPixelBorders) {
  EXPECT_EQ(filled({{1, 1}, {4, 1}, {4, 3}, {1, 3}}, 5, 4),
            (Rows{".....", ".###.", ".###.", "....."}));
}

TEST(MarkRing, TestsPixelCentres) {
  EXPECT_EQ(filled({{0.6, 0.4}, {2.6, 0.4}, {2.6, 1.4}, {0.6, 1.4}}, 4, 2), (Rows{".##.", "...."}));
}

TEST(MarkRing, AssignsACentreOnAnEdgeToTheRingOnItsRightOrBelow) {
  EXPECT_EQ(filled({{0.5, 0.5}, {2.5, 0.5}, {2.5, 1.5}, {0.5, 1.5}}, 4, 3),
            (Rows{"##..", "....", "...."}));
}

TEST(MarkRing, FillsATriangle) {
  // Row y holds the centres x + 0.5 < 4 − (y + 0.5).
  EXPECT_EQ(filled({{0, 0}, {4, 0}, {0, 4}}, 4, 4), (Rows{"###.", "##..", "#...", "...."}));
}

TEST(MarkRing, ExcludesAnAreaThatTheRingSurroundsTwice) {
  // The outer square, then the inner one, in one ring.
  EXPECT_EQ(filled({{0, 0}, {5, 0}, {5, 5}, {0, 5}, {0, 0}, {1, 1}, {4, 1}, {4, 4}, {1, 4}, {1, 1}},
                   5, 5),
            (Rows{"#####", "#...#", "#...#", "#...#", "#####"}));
}

TEST(MarkRing, UnitesRings) {
  std::vector<std::uint8_t> mask(4, 0);
  const std::vector<Corner> left{{0, 0}, {3, 0}, {3, 1}, {0, 1}};
  const std::vector<Corner> right{{1, 0}, {4, 0}, {4, 1}, {1, 1}};

  mark_ring(left, 4, 1, mask);
  mark_ring(right, 4, 1, mask);

  EXPECT_EQ(drawn(mask, 4), (Rows{"####"}));
}

TEST(MarkRing, ClipsARingAtTheImageBorder) {
  EXPECT_EQ(filled({{-9, -9}, {2, -9}, {2, 9}, {-9, 9}}, 3, 2), (Rows{"##.", "##."}));
}

TEST(MarkRing, ClipsARingWithTheLargestCoordinates) {
  EXPECT_EQ(filled({{-kMaxCoordinate, -kMaxCoordinate},
                    {1, -kMaxCoordinate},
                    {1, kMaxCoordinate},
                    {-kMaxCoordinate, kMaxCoordinate}},
                   3, 2),
            (Rows{"#..", "#.."}));
}

TEST(MarkRing, DoesNotDependOnTheFirstCornerAndTheDirection) {
  const std::vector<Corner> ring{{0.3, 0.2}, {5.7, 1.1}, {4.2, 4.8}, {1.9, 2.3}};
  const Rows expected = filled(ring, 6, 5);

  EXPECT_EQ(filled({ring[2], ring[3], ring[0], ring[1]}, 6, 5), expected);
  EXPECT_EQ(filled({ring[3], ring[2], ring[1], ring[0]}, 6, 5), expected);
}

/// Whether a ray from the point to the right crosses an odd number of edges.
bool is_inside(const std::vector<Corner>& ring, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    Corner a = ring[i], b = ring[(i + 1) % ring.size()];
    if (a.y > b.y) std::swap(a, b);
    if (y < a.y || y >= b.y) continue;
    if ((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > 0) inside = !inside;
  }
  return inside;
}

TEST(MarkRing, AgreesWithATestOfEveryPixelCentre) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> position(-1, 21);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Corner> ring;
    for (int i = 0; i < 3 + trial % 9; ++i) ring.push_back({position(random), position(random)});
    std::vector<std::uint8_t> mask(20 * 17, 0), expected(20 * 17, 0);
    mark_ring(ring, 20, 17, mask);
    for (int i = 0; i < 20 * 17; ++i) {
      expected[std::size_t(i)] = is_inside(ring, i % 20 + 0.5, i / 20 + 0.5) ? 1 : 0;
    }
    ASSERT_EQ(drawn(mask, 20), drawn(expected, 20)) << trial;
  }
}

}  // namespace polygon_test
}  // namespace whyclip::detail
