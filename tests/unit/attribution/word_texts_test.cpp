#include "whyclip/attribution/word_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/text/common_words.h"

namespace whyclip {
namespace word_texts_test {

using testing::error_of;
using testing::mentions;

TEST(WordTexts, EqualTheClassEmbeddingsOfTheSameTemplates) {
  const std::vector<std::string> words{"cat", "red bird", "tree"};
  for (const TemplateSet& templates : {simple_templates(), imagenet_templates()}) {
    const WordTexts texts = embed_words(testing::toons(), words, templates);
    const ZeroShot classes = zero_shot_classes(testing::toons(), words, templates);
    for (std::size_t w = 0; w < words.size(); ++w) {
      for (std::size_t i = 0; i < texts.projection(); ++i) {
        EXPECT_NEAR(texts.direction(w)[i], double(classes.class_embeddings.row(std::int64_t(w))[i]),
                    1e-6);  // float32
      }
    }
  }
}

TEST(WordTexts, InTheBareTemplateEqualThePrompts) {
  const WordTexts texts = embed_words(testing::toons(), {"a red bird"}, bare_template());
  const std::vector<std::string> prompt{"a red bird"};
  const ZeroShot direct = zero_shot_prompts(testing::toons(), prompt);
  for (std::size_t i = 0; i < texts.projection(); ++i) {
    EXPECT_NEAR(texts.directions[i], double(direct.prompt_embeddings.row(0)[i]), 1e-6);
  }
}

TEST(WordTexts, DoNotDependOnHowManyAreEmbeddedAtOnce) {
  // 80 templates: more than one batch.
  std::vector<std::string> words;
  for (int w = 0; w < 30; ++w) words.push_back("cat " + std::to_string(w));
  const WordTexts all = embed_words(testing::toons(), words, imagenet_templates()),
                  last = embed_words(testing::toons(), {words[29]}, imagenet_templates());
  for (std::size_t i = 0; i < last.directions.size(); ++i) {
    EXPECT_NEAR(all.direction(29)[i], last.directions[i], 1e-6) << i;  // float32
  }
}

TEST(WordTexts, ListTruncatedPrompts) {
  std::string longest;
  for (int i = 0; i < 60; ++i) longest += "cat ";
  EXPECT_EQ(embed_words(testing::toons(), {"cat", longest}, bare_template()).truncated,
            std::vector<std::string>{longest});
}

TEST(WordTexts, StopIfProgressReturnsFalse) {
  EXPECT_THROW(embed_words(testing::toons(), {"cat", "dog"}, bare_template(),
                           [](std::string_view, std::int64_t, std::int64_t) { return false; }),
               Cancelled);
  EXPECT_TRUE(mentions(error_of([] { embed_words(testing::toons(), {}, bare_template()); }),
                       {"words", "at least one"}));
}

TEST(DefaultWords, FitTheModel) {
  const std::vector<std::string> of_toons = default_words(testing::toons());
  for (const char* word : {"cat", "green tree", "a sketch", "on the left"}) {
    EXPECT_TRUE(std::ranges::count(of_toons, word) == 1) << word;
  }
  EXPECT_EQ(default_words(testing::tiny_clip(ActivationKind::kQuickGelu)), common_words());
}

TEST(CommonWords, AreAtLeast300AndUnique) {
  const std::vector<std::string>& words = common_words();
  EXPECT_GE(words.size(), 300u);
  EXPECT_EQ(std::set<std::string>(words.begin(), words.end()).size(), words.size());
}

}  // namespace word_texts_test
}  // namespace whyclip
