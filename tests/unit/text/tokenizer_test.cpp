#include "whyclip/text/tokenizer.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/core/error.h"

namespace whyclip::testing {
namespace tokenizer_test {

constexpr std::size_t kContext = 32;

TEST(TokenizerTest, StartAndEndTokensSurroundThePrompt) {
  const std::vector<std::int32_t> ids = toons_tokenizer().encode("cat", kContext).ids();
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids.front(), 735);
  EXPECT_EQ(toons_tokenizer().piece(ids[1]), "cat");
  EXPECT_EQ(ids.back(), 736);
}

TEST(TokenizerTest, ShortPromptIsNotTruncated) {
  const Tokens tokens = toons_tokenizer().encode("a photo", 4);
  EXPECT_FALSE(tokens.truncated);
  EXPECT_EQ(tokens.untruncated_length, 4u);
}

TEST(TokenizerTest, LongPromptIsTruncatedBeforeItsEndToken) {
  const Tokens tokens = toons_tokenizer().encode("a photo of a cat.", 5);
  EXPECT_TRUE(tokens.truncated);
  EXPECT_EQ(tokens.untruncated_length, 8u);
  ASSERT_EQ(tokens.tokens.size(), 5u);
  EXPECT_EQ(toons_tokenizer().piece(tokens.tokens[3].id), "of");
  EXPECT_EQ(tokens.tokens[4].id, toons_tokenizer().end_id());
}

TEST(TokenizerTest, ContextOfOneIsRejected) {
  EXPECT_EQ(error_of([] { toons_tokenizer().encode("cat", 1); }),
            "[context length] expected at least 2, got 1");
}

TEST(TokenizerTest, EmptyPromptGivesTheStartAndEndTokens) {
  const Tokens tokens = toons_tokenizer().encode("", kContext);

  // Both CLIP tokenizers of transformers and OpenAI's tokenizer encode "" in this way.
  EXPECT_EQ(tokens.ids(),
            (std::vector<std::int32_t>{toons_tokenizer().start_id(), toons_tokenizer().end_id()}));
  EXPECT_EQ(tokens.untruncated_length, 2u);
  EXPECT_FALSE(tokens.truncated);
}

TEST(TokenizerTest, WhiteSpaceEqualsTheEmptyPrompt) {
  for (const std::string prompt : {" ", "\t\n", "&nbsp;", "&#1;"}) {
    EXPECT_EQ(toons_tokenizer().encode(prompt, kContext).ids(),
              toons_tokenizer().encode("", kContext).ids())
        << prompt;
  }
}

TEST(TokenizerTest, InvalidUtf8IsRejected) {
  EXPECT_EQ(error_of([] { toons_tokenizer().encode("cat\xFF", kContext); }),
            "[prompt] not valid UTF-8 at byte 3 (0xFF)");
}

TEST(TokenizerTest, SpecialTokensInAPromptHaveTheirIds) {
  const Tokens tokens = toons_tokenizer().encode("<|StartOfText|> a <|endoftext|>", kContext);
  const std::vector<std::int32_t> ids = tokens.ids();
  ASSERT_EQ(ids.size(), 5u);
  EXPECT_EQ(ids[1], 735);
  EXPECT_EQ(ids[3], 736);
  EXPECT_EQ(tokens.tokens[3].begin, 18u);
  EXPECT_EQ(tokens.tokens[3].end, 31u);
}

TEST(TokenizerTest, NulCharacterIsText) {
  using std::string_literals::operator""s;
  const Tokens tokens = toons_tokenizer().encode("a\0b"s, kContext);
  ASSERT_EQ(tokens.tokens.size(), 5u);
  EXPECT_EQ(toons_tokenizer().bytes(tokens.tokens[2].id), "\0"s);
  EXPECT_EQ(toons_tokenizer().piece(tokens.tokens[2].id), "\\x00");
}

TEST(TokenizerTest, PieceHasPartialCharactersAsBytes) {
  const std::vector<std::int32_t> ids = toons_tokenizer().encode("\xC3\xA9", kContext).ids();
  ASSERT_EQ(ids.size(), 4u);
  EXPECT_EQ(toons_tokenizer().piece(ids[1]), "\\xC3");
  EXPECT_EQ(toons_tokenizer().piece(ids[2]), "\\xA9");
}

TEST(TokenizerTest, PieceOfSpecialTokensIsTheirName) {
  EXPECT_EQ(toons_tokenizer().piece(735), "<|startoftext|>");
  EXPECT_EQ(toons_tokenizer().piece(736), "<|endoftext|>");
}

TEST(TokenizerTest, PieceOfAnUnknownIdIsRejected) {
  EXPECT_EQ(error_of([] { toons_tokenizer().piece(737); }),
            "[toons/vocab.json] no token has the id 737; expected 0 to 736");
  EXPECT_THROW(toons_tokenizer().piece(-1), Error);
}

TEST(TokenizerTest, VocabularySizeAndSpecialIdsAreKnown) {
  EXPECT_EQ(toons_tokenizer().vocabulary_size(), 737u);
  EXPECT_EQ(toons_tokenizer().start_id(), 735);
  EXPECT_EQ(toons_tokenizer().end_id(), 736);
}

TEST(TokenizerTest, MovedTokenizerWorks) {
  Tokenizer first = Tokenizer::open(repository_file("models/toons"), kBasicTokenizer);
  const Tokenizer second = std::move(first);
  EXPECT_EQ(second.encode("cat", kContext).tokens.size(), 3u);
}

}  // namespace tokenizer_test
}  // namespace whyclip::testing
