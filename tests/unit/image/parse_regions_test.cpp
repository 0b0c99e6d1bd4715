#include "whyclip/image/parse_regions.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/image/encode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace parse_regions_test {

using testing::error_of;
using testing::mentions;

using Patches = std::vector<int>;

/// An image of 8 × 4 that is black where `inside` is false.
template <class Inside>
Image drawn(const Inside& inside) {
  Image image{8, 4, {}};
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x) {
      for (int c = 0; c < 3; ++c) image.rgb.push_back(inside(x, y) ? 200 : 0);
    }
  }
  return image;
}

class ParseRegions : public ::testing::Test {
 protected:
  std::string saved(const std::string& name, const Image& image) {
    write_file(folder_.path() / name, encode_png(image));
    return (folder_.path() / name).string();
  }
  Regions parsed(const std::string& text, const RegionOptions& options = {}) {
    return parse_regions(text, source_, view_, options);
  }

  const Image left_ = drawn([](int x, int) { return x < 2; });
  const Image right_ = drawn([](int x, int) { return x >= 4; });
  /// 2 × 4 patches of 2 × 2 pixels.
  const LabelledView view_{8, 4, 8, 4, {2, 4, {0, 0, 8, 4}}};
  const Image source_ = drawn([](int x, int) { return x < 4; });

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(ParseRegions, Patches) { EXPECT_EQ(parsed("patches").regions.size(), 8U); }

TEST_F(ParseRegions, Blocks) {
  EXPECT_EQ(region_of_patches(parsed("blocks:1x2")), (Patches{0, 0, 1, 1, 0, 0, 1, 1}));
}

TEST_F(ParseRegions, Superpixels) {
  EXPECT_EQ(region_of_patches(parsed("slic:2")), (Patches{0, 0, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(region_of_patches(parsed("slic:2:12.5")), (Patches{0, 0, 1, 1, 0, 0, 1, 1}));
}

TEST_F(ParseRegions, PassesTheCompactnessOn) {
  EXPECT_TRUE(mentions(error_of([&] { parsed("slic:2:-7"); }), {"compactness", "-7"}));
}

TEST_F(ParseRegions, LabelsOfAPng) {
  const Regions regions = parsed(saved("labels.png", left_));

  EXPECT_EQ(regions.regions[0].name, "#000000");
  EXPECT_EQ(regions.regions[1].name, "#c8c8c8");
  EXPECT_EQ(region_of_patches(regions), (Patches{1, 0, 0, 0, 1, 0, 0, 0}));
}

TEST_F(ParseRegions, MasksWithTheNamesOfTheirFiles) {
  const Regions regions = parsed(saved("cat.png", left_) + "," + saved("dog.png", right_));

  EXPECT_EQ(regions.regions[0].name, "cat");
  EXPECT_EQ(regions.regions[1].name, "dog");
  EXPECT_EQ(regions.regions[2].name, "rest");
  EXPECT_EQ(region_of_patches(regions), (Patches{0, 2, 1, 1, 0, 2, 1, 1}));
}

TEST_F(ParseRegions, MasksWithEqualFileNamesAreNamedByTheirPaths) {
  const std::string first = saved("a/mask.png", left_), second = saved("b/mask.png", right_);

  const Regions regions = parsed(first + "," + second);

  EXPECT_EQ(regions.regions[0].name, first);
  EXPECT_EQ(regions.regions[1].name, second);
}

TEST_F(ParseRegions, PassesTheOptionsOn) {
  const std::string empty = saved("none.png", drawn([](int, int) { return false; }));
  const std::string text = saved("cat.png", left_) + "," + empty;

  EXPECT_TRUE(mentions(error_of([&] { parsed(text); }), {"\"none\" is empty"}));
  const Regions regions = parsed(text, {.rest = false, .drop_empty = true});
  EXPECT_EQ(regions.dropped, std::vector<std::string>{"none"});
  EXPECT_EQ(regions.regions.size(), 1U);
}

TEST_F(ParseRegions, ListsTheFormsInErrors) {
  for (const std::string text :
       {"", "patch", "blocks", "blocks:", "blocks:4", "blocks:4x", "blocks:2x2x2", "blocks:2*2",
        "blocks: 2x2", "blocks:99999999999x1", "slic", "slic:", "slic:4.5", "slic:4:", "slic:4:x",
        "slic:4:1:1", "a.png,", ",", "no/such/file.png"}) {
    EXPECT_TRUE(mentions(error_of([&] { parsed(text); }),
                         {"[regions]", "patches, blocks:ROWSxCOLUMNS, slic:COUNT",
                          "PNG masks with commas", "got \"" + text + "\""}))
        << text;
  }
}

TEST_F(ParseRegions, NamesAMissingMask) {
  EXPECT_TRUE(
      mentions(error_of([&] { parsed(saved("cat.png", left_) + ",no_dog.png"); }), {"no_dog.png"}));
}

TEST_F(ParseRegions, NamesTheFileOfLabelsWithAnotherSize) {
  const Image other{5, 5, std::vector<std::uint8_t>(75, 1)};
  EXPECT_TRUE(mentions(error_of([&] { parsed(saved("other.png", other)); }),
                       {"other.png", "8 × 4", "got 5 × 5"}));
}

}  // namespace parse_regions_test
}  // namespace whyclip
