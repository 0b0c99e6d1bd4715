#include "whyclip/text/published_vocabulary.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace published_vocabulary_test {

TEST(PublishedVocabulary, HasTheTokensOfThePublishedFiles) {
  const Vocabulary vocabulary = published_vocabulary();
  EXPECT_EQ(vocabulary.tokens.size(), 49408u);
  EXPECT_EQ(vocabulary.ids.size(), 49408u);
  EXPECT_EQ(vocabulary.merges.size(), 48894u);
  EXPECT_EQ(vocabulary.ids.at("!"), 0);
  EXPECT_EQ(vocabulary.ids.at("cat</w>"), 2368);
  EXPECT_EQ(vocabulary.ids.at("<|startoftext|>"), 49406);
  EXPECT_EQ(vocabulary.ids.at("<|endoftext|>"), 49407);
}

TEST(PublishedVocabulary, GivesThePublishedIds) {
  EXPECT_EQ(Tokenizer::published(kOpenAiTokenizer).encode("a photo of a cat.", 77).ids(),
            (std::vector<std::int32_t>{49406, 320, 1125, 539, 320, 2368, 269, 49407}));
}

TEST(PublishedVocabulary, EqualsTheFiles) {
  const auto vocab = outside_file("vocab/vocab.json");
  if (!vocab) GTEST_SKIP() << "needs vocab/vocab.json";
  const Vocabulary files = read_vocabulary(vocab->parent_path()), built_in = published_vocabulary();
  EXPECT_EQ(files.tokens, built_in.tokens);
  ASSERT_EQ(files.merges.size(), built_in.merges.size());
  for (std::size_t i = 0; i < files.merges.size(); ++i) {
    EXPECT_EQ(files.merges[i].left, built_in.merges[i].left);
    EXPECT_EQ(files.merges[i].right, built_in.merges[i].right);
    EXPECT_EQ(files.merges[i].result, built_in.merges[i].result);
  }
}

TEST(PublishedVocabulary, IsDescribedWithItsCleaning) {
  EXPECT_EQ(Tokenizer::published(
                {.library = TokenizerLibrary::kOpenClip, .cleaning = TextCleaning::kLower})
                .description(),
            "published CLIP vocabulary, 49408 tokens; clean-up of open_clip (ftfy, lower case)");
  EXPECT_EQ(Tokenizer::published(kHuggingFaceTokenizer).description(),
            "published CLIP vocabulary, 49408 tokens; clean-up of transformers (NFC, white space "
            "collapsed, lower case)");
}

TEST(Fingerprint, DependsOnLibraryAndCleaning) {
  const std::string open_ai = Tokenizer::published(kOpenAiTokenizer).fingerprint();
  const std::string hugging_face = Tokenizer::published(kHuggingFaceTokenizer).fingerprint();
  EXPECT_NE(open_ai, hugging_face);
  EXPECT_NE(open_ai, "");
  EXPECT_EQ(toons_tokenizer().fingerprint(), "");
}

}  // namespace published_vocabulary_test
}  // namespace whyclip::testing
