// Compares token ids with those of the libraries themselves (tests/golden/prompt_tokens.json,
// written by tools/make_prompt_tokens.py).

#include <gtest/gtest.h>

#include <map>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip::testing {
namespace library_tokens_test {

constexpr std::size_t kNoLimit = 100000;

const nlohmann::json& entries() {
  static const nlohmann::json content =
      nlohmann::json::parse(read_text(repository_file("tests/golden/prompt_tokens.json")));
  return content;
}

struct Library {
  const char* name;
  char letter;  ///< in the file
  TokenizerChoice choice;
};

TokenizerChoice with(TokenizerLibrary library, TextCleaning cleaning) {
  return {.library = library, .cleaning = cleaning, .published = true};
}

class LibraryTokens : public ::testing::TestWithParam<Library> {};

TEST_P(LibraryTokens, EqualThoseOfTheLibrary) {
  const Tokenizer tokenizer = Tokenizer::published(GetParam().choice);
  std::size_t compared = 0;
  for (const nlohmann::json& entry : entries()) {
    const auto prompt = entry.at(0).get<std::string>();
    for (const auto& [letters, ids] : entry.at(1).items()) {
      if (letters.find(GetParam().letter) == std::string::npos) continue;
      std::vector<std::int32_t> expected = {tokenizer.start_id()};
      for (const nlohmann::json& id : ids) expected.push_back(id.get<std::int32_t>());
      expected.push_back(tokenizer.end_id());
      EXPECT_EQ(tokenizer.encode(prompt, kNoLimit).ids(), expected) << prompt;
      ++compared;
    }
  }
  EXPECT_EQ(compared, entries().size());
  EXPECT_GT(compared, 350u);
}

TEST_P(LibraryTokens, HaveIncreasingRangesInsideThePrompt) {
  const Tokenizer tokenizer = Tokenizer::published(GetParam().choice);
  for (const nlohmann::json& entry : entries()) {
    const auto prompt = entry.at(0).get<std::string>();
    const std::vector<Token> tokens = tokenizer.encode(prompt, kNoLimit).tokens;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
      EXPECT_LT(tokens[i].begin, tokens[i].end) << prompt;
      EXPECT_LE(tokens[i - 1].begin, tokens[i].begin) << prompt;
      EXPECT_LE(tokens[i].end, prompt.size()) << prompt;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, LibraryTokens,
    ::testing::Values(
        Library{"OpenAi", 'O', kOpenAiTokenizer},
        Library{"OpenClip", 'L', with(TokenizerLibrary::kOpenClip, TextCleaning::kLower)},
        Library{"OpenClipWhitespace", 'W',
                with(TokenizerLibrary::kOpenClip, TextCleaning::kWhitespace)},
        Library{"OpenClipCanonicalize", 'C',
                with(TokenizerLibrary::kOpenClip, TextCleaning::kCanonicalize)},
        Library{"OpenClipWithTransformers", 'H',
                with(TokenizerLibrary::kHuggingFace, TextCleaning::kWhitespace)},
        Library{"Transformers", 'T', with(TokenizerLibrary::kHuggingFace, TextCleaning::kNone)}),
    [](const auto& each) { return each.param.name; });

}  // namespace library_tokens_test
}  // namespace whyclip::testing
