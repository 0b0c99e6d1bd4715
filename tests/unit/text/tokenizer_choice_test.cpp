#include "whyclip/text/tokenizer_choice.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"
#include "whyclip/io/json.h"

namespace whyclip::testing {
namespace tokenizer_choice_test {

TokenizerChoice choice(std::string_view text_cfg) {
  return open_clip_tokenizer(JsonView::parse(text_cfg, "text_cfg"));
}

std::string refusal(std::string_view text_cfg) {
  return error_of([&] { choice(text_cfg); });
}

TEST(OpenClipTokenizer, IsTheSimpleOneWithThePublishedVocabulary) {
  const TokenizerChoice chosen = choice(R"({"context_length": 77, "vocab_size": 49408})");
  EXPECT_EQ(chosen.library, TokenizerLibrary::kOpenClip);
  EXPECT_EQ(chosen.cleaning, TextCleaning::kLower);
  EXPECT_TRUE(chosen.published);
}

TEST(OpenClipTokenizer, IsTransformersIfItIsNamed) {
  const TokenizerChoice chosen = choice(R"({"hf_tokenizer_name": "some/clip"})");
  EXPECT_EQ(chosen.library, TokenizerLibrary::kHuggingFace);
  EXPECT_EQ(chosen.cleaning, TextCleaning::kWhitespace);
  EXPECT_FALSE(chosen.published);
}

TEST(OpenClipTokenizer, CleaningIsThatOfTheOptions) {
  EXPECT_EQ(choice(R"({"tokenizer_kwargs": {"clean": "canonicalize"}})").cleaning,
            TextCleaning::kCanonicalize);
  EXPECT_EQ(
      choice(R"({"hf_tokenizer_name": "x", "tokenizer_kwargs": {"clean": "lower"}})").cleaning,
      TextCleaning::kLower);
}

TEST(OpenClipTokenizer, SmallerVocabularyIsReadFromTheFolder) {
  EXPECT_FALSE(choice(R"({"vocab_size": 737})").published);
}

TEST(OpenClipTokenizer, DefaultsOfOtherOptionsAreAccepted) {
  EXPECT_EQ(choice(R"({"tokenizer_mode": null, "tokenizer_kwargs":
                       {"strip_sep_token": false, "reduction_mask": "", "language": null}})")
                .cleaning,
            TextCleaning::kLower);
}

TEST(OpenClipTokenizer, UnknownCleaningIsNamed) {
  EXPECT_EQ(refusal(R"({"tokenizer_kwargs": {"clean": "upper"}})"),
            "[text_cfg: tokenizer_kwargs.clean] expected lower, whitespace or canonicalize, got "
            "\"upper\"");
}

TEST(OpenClipTokenizer, OtherOptionsAreRefusedByName) {
  EXPECT_EQ(refusal(R"({"tokenizer_kwargs": {"reduction_mask": "random"}})"),
            "[text_cfg: tokenizer_kwargs.reduction_mask] not supported: \"random\"; this option "
            "changes the tokens");
  EXPECT_EQ(refusal(R"({"tokenizer_mode": "clips"})"),
            "[text_cfg: tokenizer_mode] not supported: \"clips\"; this option changes the tokens");
}

}  // namespace tokenizer_choice_test
}  // namespace whyclip::testing
