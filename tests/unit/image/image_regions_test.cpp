#include "whyclip/image/image_regions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace image_regions_test {

using testing::error_of;
using testing::Golden;
using testing::mentions;

using Patches = std::vector<int>;
using Names = std::vector<std::string>;

Names names(const Regions& regions) {
  Names result;
  for (const Region& region : regions.regions) result.push_back(region.name);
  return result;
}

/// An image of 60 × 40. The crop of the 20 × 20 model is the centre, 40 × 40, with 2 × 2 patches.
LabelledView cropped_view() { return {60, 40, 20, 20, {2, 2, {10, 0, 40, 40}}}; }

/// An image without a crop.
LabelledView whole_view(int width, int height, int rows, int columns) {
  return {width, height, width, height, {rows, columns, {0, 0, double(width), double(height)}}};
}

LabelImage striped(int width, int height, const std::vector<int>& columns) {
  LabelImage label_image{width, height, {}, false};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      label_image.labels.push_back(columns[std::size_t(x) * columns.size() / std::size_t(width)]);
    }
  }
  return label_image;
}

void expect_area(const PatchGrid& grid, double left, double top, double width, double height) {
  EXPECT_DOUBLE_EQ(grid.area.left, left);
  EXPECT_DOUBLE_EQ(grid.area.top, top);
  EXPECT_DOUBLE_EQ(grid.area.width, width);
  EXPECT_DOUBLE_EQ(grid.area.height, height);
}

TEST(LabelledView, HasTheSizesOfThePreprocessedImage) {
  PreprocessConfig config;
  config.size = ShortestEdge{32};
  config.crop_width = config.crop_height = 32;
  const Image source{100, 64, std::vector<std::uint8_t>(100 * 64 * 3, 7)};
  const Preprocessed seen = preprocess(source, config);

  const LabelledView view = labelled_view(source, seen, patch_grid(seen, 8));

  EXPECT_EQ(view.width, 100);
  EXPECT_EQ(view.height, 64);
  EXPECT_EQ(view.input_width, 32);
  EXPECT_EQ(view.input_height, 32);
  EXPECT_EQ(view.grid.rows, 4);
  expect_area(view.grid, 18, 0, 64, 64);
}

TEST(GridOnLabels, IsUnchangedAtTheSizeOfTheImage) {
  expect_area(grid_on_labels(cropped_view(), 60, 40, "x"), 10, 0, 40, 40);
}

TEST(GridOnLabels, FillsLabelsInTheSizeOfTheInput) {
  expect_area(grid_on_labels(cropped_view(), 20, 20, "x"), 0, 0, 20, 20);
}

TEST(GridOnLabels, IsScaledWithTheImage) {
  expect_area(grid_on_labels(cropped_view(), 15, 10, "x"), 2.5, 0, 10, 10);
  expect_area(grid_on_labels(cropped_view(), 120, 80, "x"), 20, 0, 80, 80);
}

TEST(GridOnLabels, AcceptsTheRoundingOfAResize) {
  // 60 × 40 scaled to a width of 100 is 66.67 high; to a height of 67, 100.5 wide.
  for (const auto& [width, height] : {std::pair(100, 66), {100, 67}, {101, 67}}) {
    expect_area(grid_on_labels(cropped_view(), width, height, "x"), 10 * width / 60.0, 0,
                40 * width / 60.0, height);
  }
}

TEST(GridOnLabels, ScalesEachSideIndependently) {
  const LabelledView tall{40, 60, 20, 20, {2, 2, {4, 10, 40, 30}}};
  // 60 down to 16 is 40 down to 10.67.
  expect_area(grid_on_labels(tall, 10, 16, "x"), 1, 160 / 60.0, 10, 8);
}

TEST(GridOnLabels, PrefersTheSizeOfTheImageToThatOfTheInput) {
  const LabelledView same_size{20, 20, 20, 20, {1, 1, {2, 2, 16, 16}}};
  expect_area(grid_on_labels(same_size, 20, 20, "x"), 2, 2, 16, 16);
  const LabelledView same_shape{40, 40, 20, 20, {1, 1, {4, 4, 32, 32}}};
  expect_area(grid_on_labels(same_shape, 20, 20, "x"), 0, 0, 20, 20);
}

TEST(GridOnLabels, RejectsOtherSizesNamingAllSizes) {
  for (const auto& [width, height] :
       {std::pair(100, 65), {100, 68}, {40, 60}, {21, 21}, {0, 0}, {60, 0}, {6000, 3998}}) {
    EXPECT_TRUE(
        mentions(error_of([&] { grid_on_labels(cropped_view(), width, height, "cat.png"); }),
                 {"[cat.png]", "60 × 40", "20 × 20",
                  "got " + std::to_string(width) + " × " + std::to_string(height)}));
  }
  // A square resized to a width of 1 would be 1 high, and to a height of 2, 2 wide.
  EXPECT_TRUE(mentions(error_of([] { grid_on_labels(whole_view(64, 64, 2, 2), 1, 2, "x"); }),
                       {"64 × 64", "got 1 × 2"}));
  EXPECT_TRUE(mentions(error_of([] { grid_on_labels({}, 1, 1, "x"); }), {"0 × 0"}));
}

TEST(LabelRegions, OfHalvesAreColumns) {
  const Regions regions = label_regions(whole_view(8, 6, 3, 4), striped(8, 6, {7, 2}));

  EXPECT_EQ(names(regions), (Names{"2", "7"}));
  EXPECT_EQ(regions.regions[0].patches, (Patches{2, 3, 6, 7, 10, 11}));
  EXPECT_EQ(regions.regions[1].patches, (Patches{0, 1, 4, 5, 8, 9}));
  EXPECT_FALSE(regions.has_rest);
  EXPECT_TRUE(regions.dropped.empty());
}

TEST(LabelRegions, HaveTheNamesOfTheirColours) {
  LabelImage label_image = striped(8, 6, {0xff8000, 0x000000});
  label_image.colours = true;

  EXPECT_EQ(names(label_regions(whole_view(8, 6, 3, 4), label_image)),
            (Names{"#000000", "#ff8000"}));
}

TEST(LabelRegions, OfACropUseOnlyItsPart) {
  // Borders at 15 and 30 of 60 pixels; the columns of patches are 10 … 30 and 30 … 50.
  const LabelImage label_image = striped(60, 40, {5, 6, 7, 7});

  const Regions regions = label_regions(cropped_view(), label_image, {.drop_empty = true});

  EXPECT_EQ(names(regions), (Names{"6", "7"}));
  EXPECT_EQ(region_of_patches(regions), (Patches{0, 1, 0, 1}));
  EXPECT_EQ(regions.dropped, (Names{"5"}));
}

TEST(LabelRegions, OfLabelsInTheSizeOfTheInputCoverTheCrop) {
  const Regions regions = label_regions(cropped_view(), striped(20, 20, {5, 6}));

  EXPECT_EQ(region_of_patches(regions), (Patches{0, 1, 0, 1}));
}

TEST(LabelRegions, NameLabelsWithoutAPatch) {
  LabelImage label_image = striped(60, 40, {1, 1, 1, 2, 2, 2});
  label_image.labels[20] = 8;  // a single pixel inside the crop
  label_image.labels[0] = 9;   // outside the crop

  EXPECT_TRUE(mentions(error_of([&] { label_regions(cropped_view(), label_image); }),
                       {"2 labels", "2 × 2", "1 of them have no pixel", ": 8, 9;", "dropped"}));
  EXPECT_EQ(label_regions(cropped_view(), label_image, {.drop_empty = true}).dropped,
            (Names{"8", "9"}));
}

TEST(LabelRegions, ListAtMostTenLabelsWithoutAPatch) {
  LabelImage label_image = striped(60, 40, {1, 2});
  for (int i = 0; i < 200; ++i) label_image.labels[std::size_t(i)] = 100 + i;

  const std::string message = error_of([&] { label_regions(cropped_view(), label_image); });

  EXPECT_TRUE(mentions(message, {"200 labels", "108, 109 and 190 more", "smooth borders"}));
  EXPECT_EQ(message.find("110,"), message.npos);
}

TEST(LabelRegions, RejectASingleLabel) {
  EXPECT_TRUE(mentions(error_of([] { label_regions(cropped_view(), striped(60, 40, {4})); }),
                       {"label 4", "at least two labels"}));
  LabelImage label_image = striped(60, 40, {4});
  label_image.labels[0] = 9;
  EXPECT_TRUE(
      mentions(error_of([&] { label_regions(cropped_view(), label_image, {.drop_empty = true}); }),
               {"label 4", "only one region", "9"}));
}

TEST(LabelRegions, RejectAnotherSize) {
  EXPECT_TRUE(mentions(error_of([] {
                         label_regions(cropped_view(), striped(33, 44, {1, 2}));
                       }),
                       {"[labels]", "60 × 40", "got 33 × 44"}));
}

Mask mask(const std::string& name, int width, int height, const std::vector<int>& columns) {
  return {name, striped(width, height, columns)};
}

TEST(MaskRegions, HaveThePatchesThatTheyCoverMostAndARest) {
  // Patches are 2 wide: the first is half covered, which is not more than its uncovered half.
  const std::vector<Mask> masks{mask("cat", 8, 2, {0, 1, 1, 1, 0, 0, 0, 0}),
                                mask("dog", 8, 2, {0, 0, 0, 0, 0, 0, 255, 9})};

  const Regions regions = mask_regions(whole_view(8, 2, 1, 4), masks);

  EXPECT_EQ(names(regions), (Names{"cat", "dog", "rest"}));
  EXPECT_EQ(region_of_patches(regions), (Patches{2, 0, 2, 1}));
}

TEST(MaskRegions, GiveATieToTheFirstMask) {
  const std::vector<Mask> masks{mask("z", 2, 1, {0, 1}), mask("a", 2, 1, {1, 0})};

  const Regions regions = mask_regions(whole_view(2, 1, 1, 1), masks, {.drop_empty = true});

  EXPECT_EQ(names(regions), (Names{"z"}));
  EXPECT_EQ(regions.dropped, (Names{"a"}));
}

TEST(MaskRegions, NameOverlappingMasksAndTheNumberOfPixels) {
  const std::vector<Mask> masks{mask("sky", 8, 2, {1, 0, 0, 0, 0, 0, 0, 0}),
                                mask("cat", 8, 2, {0, 1, 1, 1, 0, 0, 0, 0}),
                                mask("dog", 8, 2, {0, 0, 1, 1, 1, 1, 0, 0})};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(whole_view(8, 2, 1, 4), masks); }),
                       {"[masks]", "\"cat\" and \"dog\" overlap in 4 of 8 × 2 pixels"}));
}

TEST(MaskRegions, NameAnEmptyMask) {
  const std::vector<Mask> masks{mask("cat", 8, 2, {1, 0}), mask("dog", 8, 2, {0})};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(whole_view(8, 2, 1, 4), masks); }),
                       {"\"dog\" is empty", "8 × 2"}));
  const Regions regions = mask_regions(whole_view(8, 2, 1, 4), masks, {.drop_empty = true});
  EXPECT_EQ(regions.dropped, (Names{"dog"}));
}

TEST(MaskRegions, NameAMaskWithoutAPatch) {
  const std::vector<Mask> masks{mask("cat", 8, 2, {1, 0}),
                                mask("nose", 8, 2, {0, 0, 0, 0, 0, 0, 0, 1})};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(whole_view(8, 2, 1, 4), masks); }),
                       {"no patch of the grid of 1 × 4 is in \"nose\""}));
}

TEST(MaskRegions, RejectMasksOfDifferentSizesAndNoMasks) {
  const std::vector<Mask> masks{mask("cat", 8, 2, {1, 0}), mask("dog", 16, 4, {0, 1})};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(whole_view(8, 2, 1, 4), masks); }),
                       {"\"cat\" is 8 × 2 and \"dog\" is 16 × 4"}));
  EXPECT_TRUE(mentions(error_of([] { mask_regions(whole_view(8, 2, 1, 4), {}); }),
                       {"[masks]", "at least one"}));
}

TEST(MaskRegions, RejectAnotherSizeNamingTheFirstMask) {
  const std::vector<Mask> masks{mask("cat.png", 33, 44, {1, 0})};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(cropped_view(), masks); }),
                       {"[cat.png]", "60 × 40", "got 33 × 44"}));
}

Mask golden_mask(const Golden& golden, const std::string& thing) {
  Mask result{thing, {96, 96, {}, false}};
  for (const std::byte value : golden.file().at("mask." + thing).bytes) {
    result.label_image.labels.push_back(std::to_integer<int>(value));
  }
  return result;
}

TEST(MaskRegions, FindTheCatAndTheDogOfADrawing) {
  const Golden golden("toons/cat_and_dog");
  const std::vector<Mask> masks{golden_mask(golden, "cat"), golden_mask(golden, "dog")};

  const Regions regions = mask_regions(whole_view(96, 96, 12, 12), masks);

  // Squares of 8 × 8 pixels with more than 32 pixels in the mask, counted by another program.
  EXPECT_EQ(regions.regions[0].patches, (Patches{40, 49, 50, 51, 52, 60, 61, 62, 63, 64,
                                                 72, 73, 74, 75, 76, 85, 86, 87, 88, 98}));
  EXPECT_EQ(regions.regions[1].patches, (Patches{54, 55, 67, 68, 69, 79, 80, 81}));
  EXPECT_EQ(regions.regions[2].patches.size(), 144U - 20 - 8);
}

TEST(MaskRegions, RejectAThingTogetherWithItsPart) {
  const Golden golden("toons/cat_and_dog");
  const std::vector<Mask> masks{golden_mask(golden, "cat"), golden_mask(golden, "cat.head")};

  EXPECT_TRUE(mentions(error_of([&] { mask_regions(whole_view(96, 96, 12, 12), masks); }),
                       {"\"cat\" and \"cat.head\" overlap in 1075 of 96 × 96 pixels"}));
}

/// Four colours with borders at 24 of 64 and 16 of 48 pixels.
Image four_colours(int scale) {
  Image image{64 * scale, 48 * scale, {}};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const bool left = x < 24 * scale, top = y < 16 * scale;
      image.rgb.push_back(left ? 230 : 20);
      image.rgb.push_back(top ? 210 : 30);
      image.rgb.push_back(left == top ? 220 : 60);
    }
  }
  return image;
}

TEST(SuperpixelRegions, FindFourColours) {
  const PatchGrid grid{6, 8, {0, 0, 64, 48}};

  const Regions regions = superpixel_regions(grid, four_colours(1), {.count = 4});

  EXPECT_EQ(names(regions),
            (Names{"superpixel 0", "superpixel 1", "superpixel 2", "superpixel 3"}));
  EXPECT_EQ(region_of_patches(regions), (Patches{0, 0, 0, 1, 1, 1, 1, 1,  //
                                                 0, 0, 0, 1, 1, 1, 1, 1,  //
                                                 2, 2, 2, 3, 3, 3, 3, 3,  //
                                                 2, 2, 2, 3, 3, 3, 3, 3,  //
                                                 2, 2, 2, 3, 3, 3, 3, 3,  //
                                                 2, 2, 2, 3, 3, 3, 3, 3}));
}

TEST(SuperpixelRegions, OfALargeImageEqualThoseOfASmallOne) {
  // 1280 × 960 is scaled down to 512 × 384.
  const Regions regions =
      superpixel_regions({6, 8, {0, 0, 1280, 960}}, four_colours(20), {.count = 4});

  EXPECT_EQ(
      region_of_patches(regions),
      region_of_patches(superpixel_regions({6, 8, {0, 0, 64, 48}}, four_colours(1), {.count = 4})));
}

TEST(SuperpixelRegions, UseOnlyTheAreaOfTheGrid) {  // The crop is 8 … 40 of 64 pixels, so the
                                                    // border at 24 is in the middle.
  const Regions regions = superpixel_regions({6, 4, {8, 0, 32, 48}}, four_colours(1), {.count = 4});

  EXPECT_EQ(region_of_patches(regions), (Patches{0, 0, 1, 1,  //
                                                 0, 0, 1, 1,  //
                                                 2, 2, 3, 3,  //
                                                 2, 2, 3, 3,  //
                                                 2, 2, 3, 3,  //
                                                 2, 2, 3, 3}));
}

TEST(SuperpixelRegions, CoverARealDrawing) {
  const Image image =
      read_image(testing::repository_file("tests/golden/toons/images/cat_and_dog.png"));

  const Regions regions = superpixel_regions({12, 12, {0, 0, 96, 96}}, image, {.count = 30});

  EXPECT_GE(regions.regions.size(), 20U);
  EXPECT_LE(regions.regions.size(), 40U);
  EXPECT_FALSE(regions.has_rest);
  // The cat's body and the dog's body are not one region.
  const Patches owners = region_of_patches(regions);
  EXPECT_NE(owners[62], owners[68]);
}

TEST(SuperpixelRegions, RejectCountsOutOfRange) {
  const Image image = four_colours(1);
  for (const int count : {-1, 0, 1, 49}) {
    EXPECT_TRUE(mentions(error_of([&] {
                           superpixel_regions({6, 8, {0, 0, 64, 48}}, image, {.count = count});
                         }),
                         {"[superpixels]", "2 to 48", "got " + std::to_string(count)}));
  }
  EXPECT_TRUE(
      mentions(error_of([&] { superpixel_regions({}, image, {.count = 4}); }), {"[superpixels]"}));
}

TEST(SuperpixelRegions, RejectAGridOutsideTheImage) {
  for (const Rectangle& area :
       {Rectangle{1, 0, 64, 48}, {0, 0, 64, 49}, {-1, 0, 64, 48}, {0, 0, 0, 48}}) {
    EXPECT_TRUE(mentions(error_of([&] {
                           superpixel_regions({6, 8, area}, four_colours(1), {.count = 4});
                         }),
                         {"[superpixels]", "not on the image of 64 × 48"}));
  }
}

TEST(SuperpixelRegions, RejectCompactnessOutOfRange) {
  EXPECT_TRUE(mentions(error_of([] {
                         superpixel_regions({6, 8, {0, 0, 64, 48}}, four_colours(1),
                                            {.count = 4, .compactness = -1});
                       }),
                       {"compactness", "-1"}));
}

}  // namespace image_regions_test
}  // namespace whyclip
