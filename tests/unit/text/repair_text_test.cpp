// Texts and results are those of ftfy 6.3.1 (fix_text).

#include "whyclip/text/repair_text.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"
#include "whyclip/core/utf8.h"
#include "whyclip/text/mojibake.h"

namespace whyclip::testing {
namespace repair_text_test {

std::string repaired(std::string_view text) {
  std::string result;
  for (const Character& character : repair_text(decode_utf8(text, "text"))) {
    append_utf8(result, character.code);
  }
  return result;
}

std::string repaired(std::u32string_view text) { return repaired(utf8(text)); }

TEST(RepairText, LigaturesWidthsAndQuotesBecomePlain) {
  EXPECT_EQ(repaired(U"\u201C\uFB01sh\u201D it\u2019s \uFF23\uFF21\uFF34\u3000\uFF76\uFF9E"),
            utf8(U"\"fish\" it's CAT ガ"));
}

TEST(RepairText, LineBreaksBecomeLineFeeds) {
  EXPECT_EQ(repaired(U"a\r\nb\rc\u2028d\u2029e"), "a\nb\nc\nd\ne");
}

TEST(RepairText, ControlsAndTerminalEscapesAreRemoved) {
  EXPECT_EQ(repaired(U"\uFEFFa\u0001\u001B[36;44mb\u001B[0m\u007F\tc\uFFFC"), "ab\tc");
}

TEST(RepairText, DecomposedLettersAreComposed) {
  EXPECT_EQ(repaired(U"cafe\u0301"), utf8(U"caf\u00E9"));
}

TEST(RepairText, CompleteReferencesAreReplacedUntilNoneIsLeft) {
  EXPECT_EQ(repaired("&amp;amp;eacute; &copy &EACUTE; &SZLIG; &#233; &#59;"),
            utf8(U"é &copy É SS é &#59;"));
}

TEST(RepairText, ReferencesAfterAnAngleBracketAreUnchanged) {
  EXPECT_EQ(repaired("&amp;\n<b>&amp;\n&amp;"), "&\n<b>&amp;\n&amp;");
}

TEST(RepairText, Utf8ReadAsASingleByteEncodingIsReadAgain) {
  EXPECT_EQ(repaired(U"cafÃ© schÃ¶n"), utf8(U"café schön"));                        // Latin-1
  EXPECT_EQ(repaired(U"l\u00E2\u20AC\u2122or\u00E2\u20AC\u00A6"), utf8(U"l'or…"));  // windows-1252
  EXPECT_EQ(repaired(U"РїСЂРёРІРµС‚"), utf8(U"привет"));                            // windows-1251
  EXPECT_EQ(repaired(U"caf√©"), utf8(U"café"));                                     // MacRoman
}

TEST(RepairText, MojibakeOfMojibakeIsReadTwice) { EXPECT_EQ(repaired(U"cafÃƒÂ©"), utf8(U"café")); }

TEST(RepairText, MojibakeInsideOtherTextIsRepaired) {
  EXPECT_EQ(repaired(U"кошка cafÃ©"), utf8(U"кошка café"));
}

TEST(RepairText, NoBreakSpaceThatBecameABlankIsRestored) {
  EXPECT_EQ(repaired(U"voilÃ le travail, Ã la mode"), utf8(U"voilà le travail, à la mode"));
}

TEST(RepairText, LostBytesBecomeTheReplacementCharacter) {
  EXPECT_EQ(repaired(U"\u00E2\u20AC\u0153quote\u00E2\u20AC\uFFFD"), utf8(U"\"quote\uFFFD"));
}

TEST(RepairText, SurrogatePairsOfThreeBytesBecomeOneCharacter) {
  EXPECT_EQ(repaired(U"\u00ED\u00A0\u00BD\u00ED\u00B8\u008D"), utf8(U"\U0001F60D"));
}

TEST(RepairText, ControlCharactersAreReadAsWindows1252) {
  EXPECT_EQ(repaired(U"never UTF-8 at all\u0085"), utf8(U"never UTF-8 at all…"));
}

TEST(RepairText, OrdinaryTextIsUnchanged) {
  for (const std::u32string_view text : {U"AHÅ, the new sofa from IKEA®", U"Ελλάδα ΣΟΦΟΣ",
                                         U"naïve café", U"日本語 犬", U"\U0001F436 10 € ½ °"}) {
    EXPECT_EQ(repaired(text), utf8(text));
    EXPECT_FALSE(looks_like_mojibake(decode_utf8(utf8(text), "text")));
  }
}

/// Characters with their ranges, as "code[begin,end)".
std::vector<std::array<std::size_t, 3>> ranges(const std::string& text) {
  std::vector<std::array<std::size_t, 3>> result;
  for (const Character& c : repair_text(decode_utf8(text, "text"))) {
    result.push_back({c.code, c.begin, c.end});
  }
  return result;
}

using Ranges = std::vector<std::array<std::size_t, 3>>;

TEST(RepairText, RepairedCharacterCoversItsMojibake) {
  // aÃ©b: Ã and © have two bytes each.
  EXPECT_EQ(ranges(utf8(U"aÃ©b")), (Ranges{{U'a', 0, 1}, {U'é', 1, 5}, {U'b', 5, 6}}));
}

TEST(RepairText, ComposedCharacterCoversBaseAndMark) {
  EXPECT_EQ(ranges(utf8(U"ae\u0301b")), (Ranges{{U'a', 0, 1}, {U'é', 1, 4}, {U'b', 4, 5}}));
}

TEST(RepairText, PartsOfALigatureHaveItsRange) {
  EXPECT_EQ(ranges(utf8(U"\uFB01x")), (Ranges{{U'f', 0, 3}, {U'i', 0, 3}, {U'x', 3, 4}}));
}

TEST(RepairText, RestoredBlankStaysOutsideTheLetter) {
  EXPECT_EQ(ranges(utf8(U"Ã la")),
            (Ranges{{U'à', 0, 2}, {U' ', 2, 3}, {U'l', 3, 4}, {U'a', 4, 5}}));
}

TEST(RepairText, DeeplyNestedReferencesAreRejected) {
  std::string text = "&";
  for (int i = 0; i < 1500; ++i) text += "amp;";
  EXPECT_EQ(error_of([&] { repaired(text); }),
            "[prompt] character references are nested more than 1000 times");
}

}  // namespace repair_text_test
}  // namespace whyclip::testing
