#include "whyclip/core/utf8.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace utf8_test {

TEST(CodePoints, AreThoseOfTheText) {
  EXPECT_EQ(code_points("a\u00e9\u732b\U0001F431"), U"a\u00e9\u732b\U0001F431");
  EXPECT_EQ(to_utf8(U"a\u00e9\u732b\U0001F431"), "a\u00e9\u732b\U0001F431");
}

TEST(CodePoints, AreReplacementCharactersForInvalidBytes) {
  EXPECT_EQ(code_points("a\xff"
                        "b"),
            U"a\uFFFDb");
  EXPECT_EQ(code_points("\xc0\x80"), U"\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(code_points("\xed\xa0\x80"), U"\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(code_points("\xf0\x9f\x90"), U"\uFFFD");              // cut off
}

TEST(NextCodePoint, MovesPastInvalidBytes) {
  std::size_t at = 0;
  const std::string text = "\xe7\x8c.";
  EXPECT_FALSE(next_code_point(text, at).has_value());
  EXPECT_EQ(at, 2u);
}

TEST(CutAtCharacter, EndsBetweenCharacters) {
  const std::string text = "a\u00e9\u732b\U0001F431b";
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (std::size_t bytes = 0; bytes < 13; ++bytes) {
    EXPECT_EQ(cut_at_character(text, bytes), text.substr(0, ends[bytes])) << bytes;
  }
}

TEST(CutAtCharacter, KeepsBytesThatAreNoBeginningOfACharacter) {
  EXPECT_EQ(cut_at_character("\x80\x80\x80", 2), "\x80\x80");
  EXPECT_EQ(cut_at_character("\x80\x80", 1), "\x80");
}

TEST(ColumnsOf, CountsWideCharactersTwice) {
  EXPECT_EQ(columns_of("cat"), 3);
  EXPECT_EQ(columns_of("\u732b\uAC00\uFF21\U0001F431"), 8);
  EXPECT_EQ(columns_of("\u201Ca\u201D \u2026 \u2588\u2212"), 8);
}

TEST(ColumnsOf, DoesNotCountInvisibleCharacters) {
  EXPECT_EQ(columns_of("e\u0301"), 1);             // a combining accent
  EXPECT_EQ(columns_of("a\u200B\u200Db"), 2);      // zero-width space and joiner
  EXPECT_EQ(columns_of("\u1112\u1161\u11AB"), 2);  // 한 in three parts
  EXPECT_EQ(columns_of("\u2764\uFE0F"), 1);
}

TEST(ColumnsOf, CountsInvalidBytesAsOneCharacter) { EXPECT_EQ(columns_of("caf\xe9s"), 5); }

}  // namespace utf8_test
}  // namespace whyclip
