#include "whyclip/image/label_image.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "tests/support/errors.h"
#include "tests/unit/image/image_files.h"
#include "whyclip/image/encode.h"

namespace whyclip {
namespace label_image_test {

using testing::error_of;
using testing::golden_image;
using testing::mentions;
using testing::png_of;
using testing::PngParts;

using Labels = std::vector<int>;

LabelImage decoded(const PngParts& parts) { return decode_labels(png_of(parts), "labels.png"); }

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += char(value);
  return result;
}

TEST(DecodeLabels, KeepsAllSixteenBitsOfGrey) {
  const LabelImage image = decoded(
      {.width = 2, .height = 2, .bit_depth = 16, .rows = bytes({0, 0, 0, 255, 1, 0, 255, 254})});

  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.labels, (Labels{0, 255, 256, 65534}));
  EXPECT_FALSE(image.colours);
  EXPECT_EQ(label_name(image, 256), "256");
}

TEST(DecodeLabels, DoesNotScaleGreyOfFewBits) {
  EXPECT_EQ(decoded({.width = 3, .height = 1, .bit_depth = 1, .rows = bytes({0b01100000})}).labels,
            (Labels{0, 1, 1}));
  EXPECT_EQ(decoded({.width = 4, .height = 1, .bit_depth = 2, .rows = bytes({0b11100100})}).labels,
            (Labels{3, 2, 1, 0}));
  EXPECT_EQ(decoded({.width = 3, .height = 1, .bit_depth = 4, .rows = bytes({0x1f, 0x70})}).labels,
            (Labels{1, 15, 7}));
}

TEST(DecodeLabels, ReadsGreyOfEightBits) {
  EXPECT_EQ(decoded({.width = 3, .height = 1, .rows = bytes({7, 0, 255})}).labels,
            (Labels{7, 0, 255}));
}

TEST(DecodeLabels, ReadsThePalettesColours) {
  const LabelImage image = decoded({.width = 3,
                                    .height = 1,
                                    .bit_depth = 4,
                                    .colour_type = 3,
                                    .palette = bytes({255, 128, 0, 0, 0, 0}),
                                    .rows = bytes({0x01, 0x00})});

  EXPECT_EQ(image.labels, (Labels{0xff8000, 0, 0xff8000}));
  EXPECT_TRUE(image.colours);
  EXPECT_EQ(label_name(image, 0xff8000), "#ff8000");
  EXPECT_EQ(label_name(image, 0), "#000000");
}

TEST(DecodeLabels, ReadsAPalettesIndicesIfRequested) {
  // Index 9 has no colour and the second colour is transparent; both are irrelevant for indices.
  const PngParts parts{.width = 3,
                       .height = 1,
                       .bit_depth = 4,
                       .colour_type = 3,
                       .palette = bytes({255, 128, 0, 0, 0, 0}),
                       .alpha = bytes({255, 0}),
                       .rows = bytes({0x01, 0x90})};

  const LabelImage image = decode_labels(png_of(parts), "x.png", {}, PaletteLabels::kIndices);

  EXPECT_EQ(image.labels, (Labels{0, 1, 9}));
  EXPECT_FALSE(image.colours);
}

TEST(DecodeLabels, IgnoresAlphaThatIsOpaqueEverywhere) {
  EXPECT_EQ(
      decoded(
          {.width = 2, .height = 1, .colour_type = 6, .rows = bytes({1, 2, 3, 255, 4, 5, 6, 255})})
          .labels,
      (Labels{0x010203, 0x040506}));
  EXPECT_EQ(
      decoded({.width = 2, .height = 1, .colour_type = 4, .rows = bytes({9, 255, 8, 255})}).labels,
      (Labels{9, 8}));
  EXPECT_EQ(decoded({.width = 2,
                     .height = 1,
                     .colour_type = 3,
                     .palette = bytes({255, 128, 0, 0, 0, 1}),
                     .alpha = bytes({255}),
                     .rows = bytes({1, 0})})
                .labels,
            (Labels{1, 0xff8000}));
}

TEST(DecodeLabels, RejectsTransparencyNamingTheFile) {
  const PngParts pixel{
      .width = 2, .height = 1, .colour_type = 6, .rows = bytes({1, 2, 3, 255, 4, 5, 6, 254})};
  const PngParts palette{.width = 1,
                         .height = 1,
                         .colour_type = 3,
                         .palette = bytes({255, 128, 0}),
                         .alpha = bytes({0}),
                         .rows = bytes({0})};
  const PngParts colour{.width = 1, .height = 1, .alpha = bytes({0, 7}), .rows = bytes({7})};

  EXPECT_TRUE(mentions(error_of([&] { decoded(pixel); }), {"labels.png", "transparent pixels"}));
  EXPECT_TRUE(mentions(error_of([&] { decoded(palette); }), {"labels.png", "transparent pixels"}));
  EXPECT_TRUE(mentions(error_of([&] { decoded(colour); }), {"labels.png", "transparent colour"}));
}

TEST(DecodeLabels, RefusesSixteenBitColourAndAlpha) {
  for (const char* file : {"rgb16.png", "rgba16.png", "grey_alpha16.png"}) {
    EXPECT_TRUE(mentions(error_of([&] { read_labels(golden_image(file)); }),
                         {file, "8 bits a channel", "16-bit colour or alpha"}));
  }
}

TEST(DecodeLabels, RefusesOtherFormats) {
  for (const char* file : {"grey.jpg", "lossless.webp"}) {
    EXPECT_TRUE(mentions(error_of([&] { read_labels(golden_image(file)); }), {file, "PNG"}));
  }
  EXPECT_TRUE(mentions(error_of([&] { decode_labels({}, "nothing"); }), {"nothing", "PNG"}));
}

TEST(DecodeLabels, RejectsATruncatedFileAndAFileOverTheLimit) {
  std::vector<std::byte> file = png_of({.width = 2, .height = 2, .rows = bytes({1, 2, 3, 4})});
  EXPECT_TRUE(mentions(error_of([&] { decode_labels(file, "big.png", {.max_pixels = 3}); }),
                       {"big.png", "2 × 2", "the limit is 3"}));
  file.resize(50);
  EXPECT_TRUE(mentions(error_of([&] { decode_labels(file, "half.png"); }), {"half.png", "PNG"}));
}

TEST(DecodeLabels, GivesTheColoursOfTheDecodedImage) {
  // exif.png is stored rotated; interlaced.png has seven passes.
  for (const char* file :
       {"rgb.png", "interlaced.png", "palette.png", "palette4.png", "exif.png"}) {
    const LabelImage labels = read_labels(golden_image(file));
    const LabelImage expected = labels_of(read_image(golden_image(file)));

    EXPECT_EQ(labels.width, expected.width) << file;
    EXPECT_EQ(labels.labels, expected.labels) << file;
  }
}

TEST(CheckLabels, RejectsInvalidLabelImages) {
  EXPECT_TRUE(mentions(error_of([] { check_labels({0, 2, {}, false}, "x"); }), {"[x]", "0 × 2"}));
  EXPECT_TRUE(mentions(error_of([] {
                         check_labels({2, 2, {1, 2, 3}, false}, "x");
                       }),
                       {"2 × 2 needs 4 labels, got 3"}));
  EXPECT_TRUE(mentions(error_of([] { check_labels({2, 1, {1, -3}, false}, "x"); }), {"-3"}));
}

TEST(LabelsOnGrid, TakesTheLabelOfTheLargestArea) {
  const LabelImage image{4, 2, {5, 5, 5, 7, 7, 5, 7, 7}, false};

  EXPECT_EQ(labels_on_grid(image, {1, 2, {0, 0, 4, 2}}), (Labels{5, 7}));
}

TEST(LabelsOnGrid, GivesATieToTheSmallestLabel) {
  const LabelImage image{2, 2, {9, 3, 3, 9}, false};

  EXPECT_EQ(labels_on_grid(image, {1, 1, {0, 0, 2, 2}}), (Labels{3}));
}

TEST(LabelsOnGrid, FindsATieInSpiteOfRounding) {
  // Label 9 covers 1/3 + 1/3 + 1/3 of a pixel, label 3 covers 1. These differ in binary.
  const LabelImage image{4, 1, {9, 3, 9, 9}, false};
  EXPECT_EQ(labels_on_grid(image, {1, 1, {1 - 1.0 / 3, 0, 2, 1}}), (Labels{3}));
  for (int n = 3; n < 50; ++n) {
    const LabelImage halves{2, 1, {9, 3}, false};
    const double cell = 1.0 / n;
    const PatchGrid grid{1, 1, {1 - cell, 0, 2 * cell, 1}};
    EXPECT_EQ(labels_on_grid(halves, grid), (Labels{3})) << n;
  }
}

TEST(LabelsOnGrid, CountsPartsOfPixels) {
  const LabelImage image{3, 1, {1, 2, 3}, false};

  // Cells 0.4 … 1.4 (1: 0.6, 2: 0.4) and 1.4 … 2.4 (2: 0.6, 3: 0.4).
  EXPECT_EQ(labels_on_grid(image, {1, 2, {0.4, 0, 2, 1}}), (Labels{1, 2}));
  // Cells 0.6 … 1.6 (2: 0.6) and 1.6 … 2.6 (3: 0.6).
  EXPECT_EQ(labels_on_grid(image, {1, 2, {0.6, 0, 2, 1}}), (Labels{2, 3}));
}

TEST(LabelsOnGrid, UsesOnlyTheAreaOfTheGrid) {
  const LabelImage image{6, 1, {1, 1, 2, 3, 4, 4}, false};

  EXPECT_EQ(labels_on_grid(image, {1, 2, {2, 0, 2, 1}}), (Labels{2, 3}));
}

TEST(LabelsOnGrid, EnlargesASmallImage) {
  EXPECT_EQ(labels_on_grid({2, 1, {8, 6}, false}, {2, 4, {0, 0, 2, 1}}),
            (Labels{8, 8, 6, 6, 8, 8, 6, 6}));
}

TEST(LabelsOnGrid, DoesNotCountAreasOutsideTheImage) {
  EXPECT_EQ(labels_on_grid({2, 1, {8, 6}, false}, {1, 2, {-1, 0, 4, 1}}), (Labels{8, 6}));
}

/// The label of each cell by counting squares of side 1 / cuts.
Labels counted(const LabelImage& image, const PatchGrid& grid, int cuts) {
  Labels result;
  const int left = int(grid.area.left * cuts), top = int(grid.area.top * cuts);
  const int width = int(grid.area.width * cuts) / grid.columns;
  const int height = int(grid.area.height * cuts) / grid.rows;
  for (int cell = 0; cell < grid.rows * grid.columns; ++cell) {
    std::map<int, int> counts;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int column = (left + cell % grid.columns * width + x) / cuts;
        const int row = (top + cell / grid.columns * height + y) / cuts;
        ++counts[image.labels[std::size_t(row * image.width + column)]];
      }
    }
    int best = counts.begin()->first;
    for (const auto& [label, count] : counts) best = count > counts[best] ? label : best;
    result.push_back(best);
  }
  return result;
}

TEST(LabelsOnGrid, EqualsACountOfSmallSquares) {
  std::mt19937 random(5);
  LabelImage image{23, 17, {}, false};
  for (int i = 0; i < 23 * 17; ++i) image.labels.push_back(int(random() % 3));
  // Eighths are exact in binary, so ties are exact.
  for (const PatchGrid& grid :
       {PatchGrid{4, 5, {1.25, 0.5, 20.625, 15.5}}, PatchGrid{9, 9, {0.125, 0.25, 20.25, 11.25}},
        PatchGrid{1, 2, {0, 0, 23, 17}}}) {
    EXPECT_EQ(labels_on_grid(image, grid), counted(image, grid, 8));
  }
}

TEST(LabelsOnGrid, RejectsAnInvalidGrid) {
  const LabelImage image{2, 1, {8, 6}, false};
  const double nan = std::numeric_limits<double>::quiet_NaN();

  EXPECT_TRUE(mentions(error_of([&] {
                         labels_on_grid(image, {0, 2, {0, 0, 2, 1}});
                       }),
                       {"patch grid", "0 × 2"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         labels_on_grid(image, {1, 2, {0, 0, 0, 1}});
                       }),
                       {"patch grid", "on 0 × 1"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         labels_on_grid(image, {1, 2, {nan, 0, 2, 1}});
                       }),
                       {"patch grid"}));
}

TEST(LabelsOnGrid, NamesAPatchOutsideTheImage) {
  EXPECT_TRUE(mentions(error_of([] {
                         labels_on_grid({2, 1, {8, 6}, false}, {1, 4, {0, 0, 4, 1}});
                       }),
                       {"r0c2", "2 × 1"}));
}

}  // namespace label_image_test
}  // namespace whyclip
