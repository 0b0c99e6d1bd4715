#include "whyclip/render/contact_sheet.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/errors.h"

namespace whyclip {
namespace contact_sheet_test {

using testing::error_of;
using testing::mentions;

Image plain(int width, int height, std::array<std::uint8_t, 3> colour) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    image.rgb.insert(image.rgb.end(), colour.begin(), colour.end());
  }
  return image;
}

std::array<int, 3> pixel(const Image& image, int x, int y) {
  const std::uint8_t* p = &image.rgb[std::size_t(y * image.width + x) * 3];
  return {p[0], p[1], p[2]};
}

constexpr std::array<std::uint8_t, 3> kRed{200, 0, 0}, kGreen{0, 150, 0}, kBlue{0, 0, 250};

TEST(ContactSheet, ArrangesImagesInRowsFromTheLeft) {
  const std::vector<SheetEntry> entries{{"a", "", plain(40, 40, kRed)},
                                        {"b", "", plain(40, 40, kGreen)},
                                        {"c", "", plain(40, 40, kBlue)}};
  const Image sheet = contact_sheet(entries, 2, 40);
  // Cells of 40 and gaps of 12; two lines of 18 below each.
  EXPECT_EQ(sheet.width, 2 * 52 + 12);
  EXPECT_EQ(sheet.height, 2 * (40 + 36 + 12) + 12);
  EXPECT_EQ(pixel(sheet, 32, 32), (std::array<int, 3>{200, 0, 0}));
  EXPECT_EQ(pixel(sheet, 84, 32), (std::array<int, 3>{0, 150, 0}));
  EXPECT_EQ(pixel(sheet, 32, 120), (std::array<int, 3>{0, 0, 250}));
  EXPECT_EQ(pixel(sheet, 84, 120), (std::array<int, 3>{255, 255, 255}));
}

TEST(ContactSheet, KeepsTheAspectRatioAndCentresTheImage) {
  const Image sheet =
      contact_sheet(std::vector<SheetEntry>{{"wide", "", plain(80, 20, kRed)}}, 1, 40);
  EXPECT_EQ(pixel(sheet, 14, 32), (std::array<int, 3>{200, 0, 0}));
  EXPECT_EQ(pixel(sheet, 32, 20), (std::array<int, 3>{255, 255, 255}));
  EXPECT_EQ(pixel(sheet, 32, 44), (std::array<int, 3>{255, 255, 255}));
}

TEST(ContactSheet, WritesTitlesBelowTheImages) {
  const Image with = contact_sheet(std::vector<SheetEntry>{{"title", "note", plain(40, 40, kRed)}},
                                   1, 40),
              without =
                  contact_sheet(std::vector<SheetEntry>{{"", "", plain(40, 40, kRed)}}, 1, 40);
  int ink = 0;
  for (int y = 52; y < 88; ++y) {
    for (int x = 12; x < 52; ++x) ink += pixel(with, x, y) != pixel(without, x, y) ? 1 : 0;
  }
  EXPECT_GT(ink, 30);
}

TEST(ContactSheet, RefusesInvalidEntriesAndSizes) {
  EXPECT_TRUE(mentions(error_of([] { contact_sheet({}, 2); }), {"contact sheet", "at least one"}));
  const std::vector<SheetEntry> one{{"a", "", plain(4, 4, kRed)}};
  EXPECT_TRUE(mentions(error_of([&] { contact_sheet(one, 0); }), {"contact sheet", "1 column"}));
  EXPECT_TRUE(mentions(error_of([&] { contact_sheet(one, 1, 8); }), {"32 pixels", "8"}));
  const std::vector<SheetEntry> broken{{"torn", "", {4, 4, {1, 2}}}};
  EXPECT_TRUE(mentions(error_of([&] { contact_sheet(broken, 1); }), {"torn"}));
}

}  // namespace contact_sheet_test
}  // namespace whyclip
