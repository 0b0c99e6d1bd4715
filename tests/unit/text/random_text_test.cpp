// Properties of encoding for random texts.

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/text/support.h"
#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"
#include "whyclip/text/clean_text.h"

namespace whyclip::testing {
namespace random_text_test {

constexpr std::size_t kNoLimit = 100000;
constexpr int kRounds = 3000;

/// Random letters, references, white space, special tokens and code points of every plane.
std::string random_prompt(std::mt19937& random) {
  static const std::vector<std::u32string> kParts = {
      U"a photo of", U"CAT",    U"&amp;",         U"&eacute", U"&#128;",
      U"&nGt;",      U"&",      U"\u0130",        U"\u03A3",  U"'s",
      U"<|",         U"7",      U"<|endoftext|>", U" ",       U"\u3000\t",
      U"\u0345",     U"\u001C", U"\u017F",        U"e\u0301", U"\U0001F431\u200D",
      U"#x"};
  std::u32string text;
  for (std::size_t parts = random() % 12; parts > 0; --parts) {
    if (random() % 3 != 0) {
      text += kParts[random() % kParts.size()];
      continue;
    }
    const auto code = static_cast<char32_t>(random() % 0x110000);
    if (code < 0xD800 || code > 0xDFFF) text += code;
  }
  return utf8(text);
}

/// The cleaned text without characters that have no token: blanks and the iota subscript.
std::string text_in_tokens(std::string_view prompt) {
  std::string text;
  for (const Character& character : clean_text(prompt, TextCleaning::kBasic)) {
    if (character.code != U' ' && character.code != 0x345) append_utf8(text, character.code);
  }
  return text;
}

void expect_increasing_spans(const std::vector<Token>& tokens, const std::string& prompt) {
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    EXPECT_LT(tokens[i].begin, tokens[i].end) << prompt;
    EXPECT_LE(tokens[i - 1].begin, tokens[i].begin) << prompt;
    EXPECT_LE(tokens[i - 1].end, tokens[i].end) << prompt;
    EXPECT_LE(tokens[i].end, prompt.size()) << prompt;
  }
}

TEST(RandomText, SpansIncreaseInsideThePromptAndPiecesSpellTheCleanedText) {
  std::mt19937 random(1);
  int encoded = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string prompt = random_prompt(random);
    const std::string expected = text_in_tokens(prompt);
    if (expected.empty()) {
      EXPECT_EQ(toons_tokenizer().encode(prompt, kNoLimit).tokens.size(), 2u) << prompt;
      continue;
    }
    const std::vector<Token> tokens = toons_tokenizer().encode(prompt, kNoLimit).tokens;
    expect_increasing_spans(tokens, prompt);
    std::string spelled;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
      spelled += toons_tokenizer().bytes(tokens[i].id);
    }
    EXPECT_EQ(spelled, expected);
    ++encoded;
  }
  EXPECT_GT(encoded, kRounds / 2);
}

TEST(RandomText, RandomBytesAreEncodedOrRejected) {
  std::mt19937 random(2);
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string bytes(random() % 8, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random() % 256);
    try {
      EXPECT_GE(toons_tokenizer().encode(bytes, kNoLimit).tokens.size(), 2u);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace random_text_test
}  // namespace whyclip::testing
