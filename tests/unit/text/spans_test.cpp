// Byte ranges of the tokens in the caller's prompt.

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace spans_test {

constexpr std::size_t kContext = 77;

/// The part of the prompt of each token except start and end, without repetitions for tokens of one
/// character.
std::vector<std::string> spans(const std::string& prompt) {
  const std::vector<Token> tokens = toons_tokenizer().encode(prompt, kContext).tokens;
  std::vector<std::string> result;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    const bool repeated = i > 1 && tokens[i].begin == tokens[i - 1].begin;
    if (!repeated) {
      result.push_back(prompt.substr(tokens[i].begin, tokens[i].end - tokens[i].begin));
    }
  }
  return result;
}

using Strings = std::vector<std::string>;

TEST(TokenSpans, WordsHaveTheirOwnSpans) {
  EXPECT_EQ(spans("a photo of a cat."), (Strings{"a", "photo", "of", "a", "cat", "."}));
}

TEST(TokenSpans, UpperCaseIsThatOfThePrompt) {
  EXPECT_EQ(spans("A PHOTO of a Cat"), (Strings{"A", "PHOTO", "of", "a", "Cat"}));
}

TEST(TokenSpans, CollapsedWhiteSpaceIsSkipped) {
  EXPECT_EQ(spans("\t a \n\n photo  "), (Strings{"a", "photo"}));
}

TEST(TokenSpans, ReferencesAreCoveredCompletely) {
  EXPECT_EQ(spans("a&amp;amp;cat &lt;dog"), (Strings{"a", "&amp;amp;", "cat", "&lt;", "dog"}));
}

TEST(TokenSpans, ReferenceToALetterIsPartOfItsWord) {
  EXPECT_EQ(spans("a c&#97;t"), (Strings{"a", "c&#97;t"}));
}

TEST(TokenSpans, AccentedLettersAreWhole) {
  EXPECT_EQ(spans(utf8(U"É ü")), (Strings{utf8(U"É"), utf8(U"ü")}));
}

TEST(TokenSpans, EmojiAreWhole) {
  EXPECT_EQ(spans(utf8(U"\U0001F431 cat")), (Strings{utf8(U"\U0001F431"), "cat"}));
}

TEST(TokenSpans, BothTokensOfOneCharacterHaveItsSpan) {
  const std::vector<Token> tokens = toons_tokenizer().encode(utf8(U"é"), kContext).tokens;
  ASSERT_EQ(tokens.size(), 4u);
  for (const Token& token : {tokens[1], tokens[2]}) {
    EXPECT_EQ(token.begin, 0u);
    EXPECT_EQ(token.end, 2u);
  }
}

TEST(TokenSpans, DottedCapitalIIsCoveredByItsReplacement) {
  EXPECT_EQ(spans(utf8(U"\u0130 cat")), (Strings{utf8(U"\u0130"), "cat"}));
}

TEST(TokenSpans, StartAndEndAreEmpty) {
  const std::vector<Token> tokens = toons_tokenizer().encode("  cat ", kContext).tokens;
  EXPECT_EQ(tokens.front().begin, 0u);
  EXPECT_EQ(tokens.front().end, 0u);
  EXPECT_EQ(tokens.back().begin, 6u);
  EXPECT_EQ(tokens.back().end, 6u);
}

/// The word of each token.
std::vector<int> words(const std::string& prompt, std::size_t context = kContext) {
  std::vector<int> result;
  for (const Token& token : toons_tokenizer().encode(prompt, context).tokens) {
    result.push_back(token.word);
  }
  return result;
}

TEST(TokenWords, PiecesOfOneWordShareItsIndex) {
  // pho-to-gra-p-h, t-w-o
  EXPECT_EQ(words("a photograph of two."),
            (std::vector<int>{-1, 0, 1, 1, 1, 1, 1, 2, 3, 3, 3, 4, -1}));
}

TEST(TokenWords, DigitsAreWordsOfTheirOwn) {
  EXPECT_EQ(words("in 19"), (std::vector<int>{-1, 0, 1, 2, -1}));
}

TEST(TokenWords, TwoWordsOfOneCharacterHaveDifferentIndices) {
  // The dotted capital I becomes an i and a combining dot, which is not a letter and has two bytes.
  EXPECT_EQ(words(utf8(U"\u0130")), (std::vector<int>{-1, 0, 1, 1, -1}));
}

TEST(TokenWords, OfATruncatedPromptEndWithTheEndToken) {
  EXPECT_EQ(words("a photograph", 5), (std::vector<int>{-1, 0, 1, 1, -1}));
}

}  // namespace spans_test
}  // namespace whyclip::testing
