#include "whyclip/render/text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {
namespace text_test {

constexpr Colour kBlack{};

Image white(int width, int height) {
  const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  return {.width = width, .height = height, .rgb = std::vector<std::uint8_t>(bytes, 255)};
}

Image drawn(std::string_view text) {
  Image image = white(120, 32);
  Font(16).draw(image, 4, 22, text, kBlack);
  return image;
}

/// The columns of the first and the last pixel that is not white; {width, -1} if there is none.
std::pair<int, int> inked_columns(const Image& image) {
  std::pair<int, int> columns{image.width, -1};
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    if (image.rgb[i] == 255) continue;
    const int x = static_cast<int>(i / 3) % image.width;
    columns = {std::min(columns.first, x), std::max(columns.second, x)};
  }
  return columns;
}

TEST(Text, DrawsInTheMeasuredWidth) {
  const auto [first, last] = inked_columns(drawn("Whyclip"));
  EXPECT_GE(first, 4);
  EXPECT_LE(last, 4 + Font(16).width("Whyclip"));
  EXPECT_GT(last, 4 + Font(16).width("Whyclip") - 4);
}

TEST(Text, IsAntiAliased) {
  const Image image = drawn("SO");
  EXPECT_TRUE(std::ranges::any_of(image.rgb, [](int v) { return v > 40 && v < 215; }));
  EXPECT_TRUE(std::ranges::any_of(image.rgb, [](int v) { return v < 20; }));
}

TEST(Text, GrowsWithSizeAndLength) {
  EXPECT_GT(Font(32).width("cat"), Font(16).width("cat"));
  EXPECT_GT(Font(16).width("cats"), Font(16).width("cat"));
  EXPECT_EQ(Font(16).width(""), 0);
  EXPECT_GT(Font(16).ascent(), Font(16).descent());
  EXPECT_GT(Font(16).descent(), 0);
}

TEST(Text, ShowsAccentedLetters) { EXPECT_NE(drawn("é").rgb, drawn("e").rgb); }

TEST(Text, ShowsABoxForCharactersThatTheFontLacks) {
  EXPECT_EQ(drawn("猫").rgb, drawn("犬").rgb);
  EXPECT_NE(inked_columns(drawn("猫")).second, -1);
}

TEST(Text, ShowsInvalidUtf8AsTheReplacementCharacter) {
  EXPECT_EQ(drawn("\xFF").rgb, drawn("\xEF\xBF\xBD").rgb);
}

TEST(Text, ShowsLineBreaksAsSpaces) { EXPECT_EQ(drawn("a\nb").rgb, drawn("a b").rgb); }

TEST(Text, IsClippedToTheImage) {
  Image image = white(5, 5);
  for (const int at : {-1000, -9, -3, 2, 4, 1000}) Font(16).draw(image, at, at, "Wäh", kBlack);
  EXPECT_NE(inked_columns(image).second, -1);
}

TEST(Elide, KeepsATextThatFits) {
  const Font font(16);
  EXPECT_EQ(font.elide("a cat", font.width("a cat")), "a cat");
}

TEST(Elide, CutsALongTextBetweenCharactersAndFits) {
  const Font font(16);
  const std::string text = "ééééééééééééééé";
  const std::string shorter = font.elide(text, 60);
  ASSERT_TRUE(shorter.ends_with("…"));
  EXPECT_LE(font.width(shorter), 60);
  const std::string kept = shorter.substr(0, shorter.size() - std::string("…").size());
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(kept.size() % std::string("é").size(), 0U);
  EXPECT_TRUE(text.starts_with(kept));
}

TEST(Elide, ReturnsNothingIfTheEllipsisDoesNotFit) { EXPECT_EQ(Font(16).elide("a cat", 3), ""); }

TEST(Font, RefusesAnIllegibleSize) { EXPECT_THROW(Font(3), Error); }

}  // namespace text_test
}  // namespace whyclip
