#include "whyclip/image/slic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include "tests/support/errors.h"
#include "tests/unit/image/image_files.h"

namespace whyclip {
namespace slic_test {

using testing::error_of;
using testing::mentions;

using Colour = std::array<std::uint8_t, 3>;
using Labels = std::vector<int>;

Image drawn(int width, int height, const std::function<Colour(int x, int y)>& colour) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const std::uint8_t value : colour(x, y)) image.rgb.push_back(value);
    }
  }
  return image;
}

Labels expected_labels(int width, int height, const std::function<int(int x, int y)>& label) {
  Labels labels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) labels.push_back(label(x, y));
  }
  return labels;
}

Image flat(int width, int height) {
  return drawn(width, height, [](int, int) { return Colour{90, 120, 40}; });
}

constexpr Colour kRed{220, 30, 30}, kGreen{30, 200, 60}, kBlue{40, 60, 220}, kWhite{255, 255, 255};

TEST(Slic, FindsTheExactBordersOfFourColours) {
  const Image image = drawn(40, 30, [](int x, int y) {
    return y < 12 ? (x < 17 ? kRed : kGreen) : (x < 17 ? kBlue : kWhite);
  });

  const LabelImage label_image = slic(image, {.count = 4});

  EXPECT_EQ(label_image.width, 40);
  EXPECT_EQ(label_image.height, 30);
  EXPECT_EQ(label_image.labels, expected_labels(40, 30, [](int x, int y) {
              return (y < 12 ? 0 : 2) + (x < 17 ? 0 : 1);
            }));
}

TEST(Slic, SplitsAFlatImageIntoEqualSquares) {
  const LabelImage label_image = slic(flat(40, 40), {.count = 16});

  std::vector<int> sizes(16, 0);
  for (const int label : label_image.labels) ++sizes.at(std::size_t(label));
  // 100 each, except for pixels at equal distance from two centres.
  for (const int size : sizes) EXPECT_NEAR(size, 100, 25);
  EXPECT_EQ(std::set<int>(label_image.labels.begin(), label_image.labels.begin() + 40),
            (std::set<int>{0, 1, 2, 3}));
}

TEST(Slic, ComparesColoursInCielab) {
  // (0, 0, 110) is nearer to black in RGB (110 against 145), but to blue in CIELAB (66 against 73).
  const Image image = drawn(30, 10, [](int x, int) {
    return x < 12 ? Colour{0, 0, 255} : x < 18 ? Colour{0, 0, 110} : Colour{0, 0, 0};
  });

  const LabelImage label_image = slic(image, {.count = 2, .compactness = 0.01});

  EXPECT_EQ(label_image.labels, expected_labels(30, 10, [](int x, int) { return x < 18 ? 0 : 1; }));
}

TEST(Slic, CompactnessWeighsPositionAgainstColour) {
  const Image image = drawn(40, 20, [](int x, int) {
    return x < 25 ? Colour{80, 80, 80} : Colour{120, 120, 120};
  });

  const LabelImage by_colour = slic(image, {.count = 2, .compactness = 1});
  const LabelImage by_rank = slic(image, {.count = 2, .compactness = 10000});

  EXPECT_EQ(by_colour.labels, expected_labels(40, 20, [](int x, int) { return x < 25 ? 0 : 1; }));
  // 19.5 is the middle between the centres of the halves; the tie is arbitrary.
  const auto border = std::find(by_rank.labels.begin(), by_rank.labels.begin() + 40, 1);
  EXPECT_NEAR(double(border - by_rank.labels.begin()), 20, 1);
}

TEST(Slic, MovesASeedAwayFromAnEdge) {
  // The seed at (7, 5) is on an edge; (8, 4) is its first neighbour that is not.
  const Image image = drawn(30, 10, [](int x, int) {
    return x < 7 ? Colour{100, 100, 100} : Colour{101, 101, 101};
  });

  const LabelImage label_image = slic(image, {.count = 2, .compactness = 1e6, .iterations = 1});

  // Points at equal distance from (8, 4) and (22, 5) have x = 15.32 - y / 14; from (7, 5) it would
  // be 14.5.
  EXPECT_EQ(label_image.labels[2 * 30 + 15], 0);
  EXPECT_EQ(label_image.labels[7 * 30 + 15], 1);
  EXPECT_EQ(label_image.labels[2 * 30 + 16], 1);
  EXPECT_EQ(label_image.labels[7 * 30 + 14], 0);
}

TEST(Slic, MergesASpeckIntoItsSurroundings) {
  const Image image = drawn(30, 30, [](int x, int y) {
    const bool speck = x == 7 && y >= 7 && y < 10;
    return speck ? kWhite : x < 15 ? kRed : kBlue;
  });

  const LabelImage label_image = slic(image, {.count = 4, .compactness = 0.1});

  EXPECT_EQ(label_image.labels[7 * 30 + 7], label_image.labels[7 * 30 + 6]);
  EXPECT_EQ(label_image.labels[9 * 30 + 7], label_image.labels[9 * 30 + 8]);
}

TEST(Slic, MergesASpeckAcrossItsLongestBorder) {
  // A white speck of four pixels, three on one side of the border at x = 20 and one on the other.
  for (const auto& [start, expected] : {std::pair(17, 0), {19, 1}}) {
    const Image image = drawn(40, 40, [left = start](int x, int y) {
      if (y == 12 && x >= left && x < left + 4) return kWhite;
      return y < 20 ? (x < 20 ? kRed : kGreen) : (x < 20 ? kBlue : kWhite);
    });

    const LabelImage label_image = slic(image, {.count = 4});

    for (int x = start; x < start + 4; ++x) {
      EXPECT_EQ(label_image.labels[std::size_t(12 * 40 + x)], expected) << x;
    }
    EXPECT_EQ(label_image.labels[11 * 40 + 19], 0);
    EXPECT_EQ(label_image.labels[11 * 40 + 20], 1);
    EXPECT_EQ(label_image.labels[40 * 40 - 1], 3);
  }
}

/// Number of pixels of each connected component, by flood fill.
std::vector<int> piece_sizes(const LabelImage& label_image) {
  std::vector<int> piece(label_image.labels.size());
  for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = int(i);
  for (bool changed = true; changed;) {
    changed = false;
    const auto join = [&](std::size_t i, std::size_t j) {
      if (label_image.labels[i] != label_image.labels[j] || piece[i] == piece[j]) return;
      piece[i] = piece[j] = std::min(piece[i], piece[j]);
      changed = true;
    };
    const std::size_t width = std::size_t(label_image.width);
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (i % width != 0) join(i, i - 1);
      if (i >= width) join(i, i - width);
    }
  }
  std::vector<int> counts(piece.size(), 0);
  for (const int p : piece) ++counts[std::size_t(p)];
  std::erase(counts, 0);
  return counts;
}

TEST(Slic, EverySuperpixelIsConnectedAndNotTiny) {
  std::mt19937 random(3);
  const Image noise = drawn(60, 45, [&](int, int) {
    return Colour{std::uint8_t(random()), std::uint8_t(random()), std::uint8_t(random())};
  });
  for (const double compactness : {0.1, 10.0, 40.0}) {
    for (const Image& image : {noise, testing::made_image(60, 45)}) {
      const LabelImage label_image = slic(image, {.count = 30, .compactness = compactness});

      const std::vector<int> pieces = piece_sizes(label_image);
      const std::set<int> labels(label_image.labels.begin(), label_image.labels.end());
      EXPECT_EQ(pieces.size(), labels.size()) << compactness;
      EXPECT_GE(*std::min_element(pieces.begin(), pieces.end()), 60 * 45 / 30 / 4) << compactness;
    }
  }
}

TEST(Slic, NumbersSuperpixelsByTheirFirstPixels) {
  const LabelImage label_image = slic(testing::made_image(50, 40), {.count = 20});

  int next = 0;
  for (const int label : label_image.labels) {
    EXPECT_LE(label, next);
    next = std::max(next, label + 1);
  }
}

TEST(Slic, ReachesEveryPixelOfExtremeShapes) {
  for (const auto& [width, height, count] : {std::array{1000, 1, 10},
                                             {1, 1000, 7},
                                             {3, 500, 5},
                                             {7, 7, 48},
                                             {5, 5, 25},
                                             {1, 1, 1},
                                             {200, 3, 100},
                                             {11, 13, 3},
                                             {29, 31, 90},
                                             {29, 31, 130}}) {
    const LabelImage label_image = slic(testing::made_image(width, height), {.count = count});

    EXPECT_EQ(label_image.labels.size(), std::size_t(width) * std::size_t(height));
    EXPECT_GE(*std::min_element(label_image.labels.begin(), label_image.labels.end()), 0);
  }
}

TEST(Slic, SplitsALineIntoEqualParts) {
  const LabelImage label_image = slic(flat(1000, 1), {.count = 10});

  std::vector<int> sizes(10, 0);
  for (const int label : label_image.labels) ++sizes.at(std::size_t(label));
  for (const int size : sizes) EXPECT_NEAR(size, 100, 2);
}

TEST(Slic, CanUseOneSuperpixelPerPixel) {
  EXPECT_EQ(slic(flat(3, 3), {.count = 9}).labels, (Labels{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Slic, RefusesOptionsOutOfRange) {
  const Image image = flat(4, 3);
  const double nan = std::numeric_limits<double>::quiet_NaN();

  EXPECT_TRUE(mentions(error_of([&] { slic(image, {.count = 0}); }), {"1 to 12", "got 0"}));
  EXPECT_TRUE(mentions(error_of([&] { slic(image, {.count = 13}); }), {"1 to 12", "got 13"}));
  EXPECT_TRUE(mentions(error_of([&] { slic(image, {.count = 2, .compactness = 0}); }),
                       {"compactness", "got 0"}));
  EXPECT_TRUE(mentions(error_of([&] { slic(image, {.count = 2, .compactness = nan}); }),
                       {"compactness", "nan"}));
  EXPECT_TRUE(mentions(error_of([&] { slic(image, {.count = 2, .iterations = 0}); }),
                       {"iteration", "got 0"}));
  EXPECT_TRUE(mentions(error_of([] { slic({}, {}); }), {"superpixels", "0 × 0"}));
}

}  // namespace slic_test
}  // namespace whyclip
