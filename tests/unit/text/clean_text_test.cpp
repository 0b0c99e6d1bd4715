#include "whyclip/text/clean_text.h"
#include "whyclip/core/utf8.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace clean_text_test {

std::string cleaned(std::string_view prompt) {
  std::string text;
  for (const Character& character : clean_text(prompt, TextCleaning::kBasic)) {
    append_utf8(text, character.code);
  }
  return text;
}

std::string cleaned(std::u32string_view prompt) { return cleaned(utf8(prompt)); }

TEST(CleanText, WhiteSpaceIsCollapsedAndStripped) {
  EXPECT_EQ(cleaned(U" \t a \n\r\n b\u3000\u00A0c \u2028"), "a b c");
}

TEST(CleanText, SeparatorControlsAreStrippedButNotCollapsed) {
  EXPECT_EQ(cleaned(U"\u001C a\u001Fb \u001D"), "a\u001Fb");
}

TEST(CleanText, ZeroWidthSpaceIsNotWhiteSpace) {
  EXPECT_EQ(cleaned(U"a\u200Bb"), utf8(U"a\u200Bb"));
}

TEST(CleanText, CapitalsOfOtherScriptsBecomeLowerCase) {
  EXPECT_EQ(cleaned(U"ÅÇ КОШКА Ա"), utf8(U"åç кошка ա"));
}

TEST(CleanText, CapitalDottedIBecomesTwoCharacters) {
  EXPECT_EQ(cleaned(U"\u0130x"), utf8(U"i\u0307x"));
}

TEST(CleanText, CapitalSigmaIsFinalOnlyAtTheEndOfAWord) {
  EXPECT_EQ(cleaned(U"ΣΟΦΟΣ ΣΑΣ' Σ"), utf8(U"σοφος σας' σ"));
}

TEST(CleanText, DecomposedLettersStayDecomposed) {
  EXPECT_EQ(cleaned(U"e\u0301"), utf8(U"e\u0301"));
}

TEST(CleanText, LigaturesAndCurlyQuotesAreUnchanged) {
  EXPECT_EQ(cleaned(U"\u201C\uFB01\u201D"), utf8(U"\u201C\uFB01\u201D"));
}

TEST(CleanText, NamedReferencesAreReplaced) {
  EXPECT_EQ(cleaned("&lt;b&gt; &eacute;&quot;"), utf8(U"<b> é\""));
}

TEST(CleanText, ReferencesAreReplacedTwice) { EXPECT_EQ(cleaned("&amp;amp;lt;"), "&lt;"); }

TEST(CleanText, OldNamesAreValidWithoutSemicolon) {
  EXPECT_EQ(cleaned("AT&ampT &copy2023"), utf8(U"at&t ©2023"));
}

TEST(CleanText, NewNamesNeedASemicolon) { EXPECT_EQ(cleaned("&alpha &alpha;"), utf8(U"&alpha α")); }

TEST(CleanText, LongestNameWins) { EXPECT_EQ(cleaned("&notin; &notit;"), utf8(U"∉ ¬it;")); }

TEST(CleanText, NamesAreCaseSensitive) {
  EXPECT_EQ(cleaned("&Eacute; &EACUTE;"), utf8(U"é &eacute;"));
}

TEST(CleanText, ANameMayGiveTwoCharacters) { EXPECT_EQ(cleaned("&nGt;"), utf8(U"\u226B\u20D2")); }

TEST(CleanText, TheLongestNameIsReplaced) {
  EXPECT_EQ(cleaned("&CounterClockwiseContourIntegral;"), utf8(U"∳"));
}

TEST(CleanText, UnknownNamesAreUnchanged) {
  EXPECT_EQ(cleaned("&nosuch; & &; &#; &#x;"), "&nosuch; & &; &#; &#x;");
}

TEST(CleanText, NumericReferencesAreReplaced) {
  EXPECT_EQ(cleaned("&#233;&#xE9;&#Xe9&#97b"), utf8(U"éééab"));
}

TEST(CleanText, NumbersOfWindows1252AreMapped) { EXPECT_EQ(cleaned("&#128;&#x99;"), utf8(U"€™")); }

TEST(CleanText, InvalidNumbersBecomeTheReplacementCharacter) {
  EXPECT_EQ(cleaned("&#0;&#xD800;&#x110000;&#99999999999999999999;"),
            utf8(U"\uFFFD\uFFFD\uFFFD\uFFFD"));
}

TEST(CleanText, ForbiddenNumbersAreRemoved) { EXPECT_EQ(cleaned("a&#1;&#xFFFE;&#127;b"), "ab"); }

TEST(CleanText, CharactersHaveTheirByteRanges) {
  const std::vector<Character> text =
      clean_text(utf8(U"  É&amp;lt;  \u0130"), TextCleaning::kBasic);
  // É at 2-4, the reference at 4-12, blanks at 12-14, İ at 14-16
  const std::vector<std::array<std::size_t, 3>> expected = {
      {U'é', 2, 4}, {U'<', 4, 12}, {U' ', 12, 14}, {U'i', 14, 16}, {0x307, 14, 16}};
  ASSERT_EQ(text.size(), expected.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ((std::array<std::size_t, 3>{text[i].code, text[i].begin, text[i].end}), expected[i]);
  }
}

TEST(CleanText, InvalidUtf8IsReportedWithItsOffset) {
  EXPECT_EQ(error_of([] { clean_text("caf\xE9 noir", TextCleaning::kBasic); }),
            "[prompt] not valid UTF-8 at byte 3 (0xE9)");
}

struct BadUtf8 {
  const char* name;
  std::string bytes;
};

class InvalidUtf8 : public ::testing::TestWithParam<BadUtf8> {};

TEST_P(InvalidUtf8, IsRejectedAtItsFirstByte) {
  EXPECT_TRUE(error_of([&] {
                clean_text("ab" + GetParam().bytes, TextCleaning::kNone);
              }).find("at byte 2 ") != std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Each, InvalidUtf8,
    ::testing::Values(BadUtf8{"LoneContinuation", "\x80"}, BadUtf8{"OverlongTwo", "\xC0\x80"},
                      BadUtf8{"OverlongThree", "\xE0\x9F\xBF"},
                      BadUtf8{"OverlongFour", "\xF0\x8F\xBF\xBF"},
                      BadUtf8{"Surrogate", "\xED\xA0\x80"},
                      BadUtf8{"BeyondTheLast", "\xF4\x90\x80\x80"}, BadUtf8{"Lead0xFF", "\xFF"},
                      BadUtf8{"CutShort", "\xE2\x82"}, BadUtf8{"InterruptedByAscii", "\xE2\x82x"}),
    [](const auto& each) { return each.param.name; });

}  // namespace clean_text_test
}  // namespace whyclip::testing
