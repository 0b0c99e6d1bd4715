#include "whyclip/text/added_tokens.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace added_tokens_test {

/// The pieces of a text: "text" or "id:text".
std::vector<std::string> pieces(const std::vector<AddedToken>& tokens, const std::string& text,
                                const std::vector<NormalizerStep>& steps = {}) {
  const std::vector<Character> characters = decode_utf8(text, "text");
  std::vector<std::string> result;
  for (const TextPiece& piece : AddedTokenFinder(tokens, steps).divide(characters)) {
    const std::size_t begin = characters[piece.begin].begin, end = characters[piece.end - 1].end;
    const std::string id = piece.id ? std::to_string(*piece.id) + ":" : "";
    result.push_back(id + text.substr(begin, end - begin));
  }
  return result;
}

using Strings = std::vector<std::string>;

TEST(AddedTokens, LongestOfTheLeftmostIsFound) {
  const std::vector<AddedToken> tokens = {{.content = "<a>", .id = 1},
                                          {.content = "<a><b>", .id = 2}};
  EXPECT_EQ(pieces(tokens, "x<a><b><a>y"), (Strings{"x", "2:<a><b>", "1:<a>", "y"}));
}

TEST(AddedTokens, SingleWordsStandBetweenOtherCharacters) {
  const std::vector<AddedToken> tokens = {{.content = "art", .single_word = true, .id = 1}};
  EXPECT_EQ(pieces(tokens, "art party art-deco"), (Strings{"1:art", " party ", "1:art", "-deco"}));
}

TEST(AddedTokens, StrippingTakesTheWhiteSpace) {
  const std::vector<AddedToken> tokens = {
      {.content = "[x]", .lstrip = true, .rstrip = true, .id = 1}};
  EXPECT_EQ(pieces(tokens, "a \t[x]  b [x] [x]"),
            (Strings{"a", "1: \t[x]  ", "b", "1: [x] ", "1:[x]"}));
}

TEST(AddedTokens, ContentIsNormalised) {
  const std::vector<AddedToken> tokens = {{.content = "MyStyle", .id = 1}};
  EXPECT_EQ(pieces(tokens, "a mystyles", clip_normalizer()), (Strings{"a ", "1:mystyle", "s"}));
}

TEST(AddedTokens, EmptyContentIsNeverFound) {
  EXPECT_TRUE(AddedTokenFinder(std::vector<AddedToken>{{.content = "", .id = 1}}, {}).empty());
}

}  // namespace added_tokens_test
}  // namespace whyclip::testing
