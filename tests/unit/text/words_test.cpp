#include "whyclip/text/words.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace words_test {

std::vector<std::string> words(std::u32string_view text,
                               WordPattern pattern = WordPattern::kOpenAi) {
  const std::vector<Character> characters = decode_utf8(utf8(text), "text");
  std::vector<std::string> result;
  for (const Word& word : split_words(characters, pattern)) {
    result.push_back(utf8(text.substr(word.begin, word.end - word.begin)));
  }
  return result;
}

using Strings = std::vector<std::string>;

TEST(Words, LettersFormWordsAndDigitsAreSingle) {
  EXPECT_EQ(words(U"word 123ab"), (Strings{"word", "1", "2", "3", "ab"}));
}

TEST(Words, SymbolsFormWords) { EXPECT_EQ(words(U"c++ :-)!"), (Strings{"c", "++", ":-)!"})); }

TEST(Words, ContractionsAreWords) {
  EXPECT_EQ(words(U"we've don't i'm 'tis"),
            (Strings{"we", "'ve", "don", "'t", "i", "'m", "'t", "is"}));
}

TEST(Words, ApostropheAfterASymbolBelongsToIt) { EXPECT_EQ(words(U"\"'s"), (Strings{"\"'", "s"})); }

TEST(Words, LongSMatchesSInAContraction) { EXPECT_EQ(words(U"'ſo"), (Strings{utf8(U"'ſ"), "o"})); }

TEST(Words, SpecialTokensAreWords) {
  EXPECT_EQ(words(U"<|endoftext|><|startoftext|>a"),
            (Strings{"<|endoftext|>", "<|startoftext|>", "a"}));
}

TEST(Words, SpecialTokenAfterASymbolIsNotRecognised) {
  EXPECT_EQ(words(U"!<|endoftext|>"), (Strings{"!<|", "endoftext", "|>"}));
}

TEST(Words, LettersAndNumbersOfAllScriptsCount) {
  EXPECT_EQ(words(U"日本語猫 ½² ٣ ⅷ हि"),
            (Strings{utf8(U"日本語猫"), utf8(U"½"), utf8(U"²"), utf8(U"٣"), utf8(U"ⅷ"), utf8(U"ह"),
                     utf8(U"ि")}));
}

TEST(Words, IotaSubscriptIsInNoWord) { EXPECT_EQ(words(U"a\u0345b"), (Strings{"a", "b"})); }

TEST(Words, OpenClipSpellsItsSpecialTokensInItsOwnWay) {
  EXPECT_EQ(words(U"<start_of_text>a<|endoftext|>", WordPattern::kOpenClip),
            (Strings{"<start_of_text>", "a", "<|", "endoftext", "|>"}));
}

TEST(Words, CaseIsIgnoredExceptByTransformers) {
  EXPECT_EQ(words(U"IT'S"), (Strings{"IT", "'S"}));
  EXPECT_EQ(words(U"IT'S", WordPattern::kTransformers4), (Strings{"IT", "'", "S"}));
}

TEST(Words, SpecialTokensAreApartFromTheirNeighboursInTransformers5) {
  EXPECT_EQ(words(U"<|endoftext|>!", WordPattern::kTransformers5),
            (Strings{"<|", "endoftext", "|>", "!"}));
  EXPECT_EQ(words(U"<|endoftext|>!", WordPattern::kTransformers4),
            (Strings{"<|", "endoftext", "|>!"}));
}

TEST(Words, IotaSubscriptIsASymbolOfTransformers) {
  EXPECT_EQ(words(U"a\u0345b", WordPattern::kTransformers4), (Strings{"a", utf8(U"\u0345"), "b"}));
}

TEST(Words, EmptyTextHasNone) { EXPECT_TRUE(words(U"").empty()); }

}  // namespace words_test
}  // namespace whyclip::testing
