#include "whyclip/attribution/recorded_text.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/threads.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace recorded_text_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using Strings = std::vector<std::string>;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

const Strings kPrompts{"a photo of a cat.", "a photo of a dog.", "tree"};

TEST(RecordedText, HasTheEmbeddingsOfPlainInference) {
  const RecordedText text(toons(), kPrompts);
  const Tensor expected = toons().encode_text(kPrompts);

  ASSERT_EQ(text.prompts().size(), 3u);
  for (std::size_t p = 0; p < 3; ++p) {
    // Fused attention sums in another order; embeddings are of the order of 10.
    EXPECT_TRUE(all_close(text.embedding(p), expected.row(std::int64_t(p)), 1e-4)) << p;
  }
}

TEST(RecordedText, EndsWithEmbeddingsOfLengthOne) {
  const RecordedText text(toons(), kPrompts);
  double square = 0;
  for (const float v : text.record().at("text.normalized").row(2)) square += double(v) * double(v);

  EXPECT_NEAR(square, 1, 1e-6);  // float32
}

TEST(RecordedText, HasSeparateRowsForPromptsWithACommonBeginning) {
  const RecordedText text(toons(), kPrompts);
  const std::vector<RecordedPrompt>& prompts = text.prompts();

  std::size_t rows = 0;
  for (const RecordedPrompt& prompt : prompts) {
    EXPECT_EQ(prompt.first_row, std::int64_t(rows));
    rows += toons().tokenize(prompt.text).tokens.size();
    EXPECT_EQ(prompt.tokens.size(), rows - std::size_t(prompt.first_row));
  }
  EXPECT_EQ(text.record().at("text.tokens").rows(), std::int64_t(rows));
}

TEST(RecordedText, MapsARowToItsPrompt) {
  const RecordedText text(toons(), kPrompts);
  const std::int64_t rows = text.record().at("text.tokens").rows(),
                     second = text.prompts()[1].first_row;

  EXPECT_EQ(text.prompt_of(0, rows), 0u);
  EXPECT_EQ(text.prompt_of(second - 1, rows), 0u);
  EXPECT_EQ(text.prompt_of(second, rows), 1u);
  EXPECT_EQ(text.prompt_of(rows - 1, rows), 2u);
  EXPECT_EQ(text.prompt_of(1, 3), 1u);
}

TEST(RecordedText, MarksTruncatedPrompts) {
  std::string text = "tree";
  for (int i = 0; i < 60; ++i) text += " tree";
  const RecordedText recorded(toons(), Strings{text, "tree", "a <|endoftext|> tree"});

  EXPECT_TRUE(recorded.prompts()[0].truncated);
  EXPECT_EQ(recorded.prompts()[0].tokens.size(), 32u);
  EXPECT_FALSE(recorded.prompts()[1].truncated);
  EXPECT_TRUE(recorded.prompts()[2].truncated);
  EXPECT_EQ(recorded.prompts()[2].tokens.size(), 3u);
}

TEST(RecordedText, RefusesAnEmptyList) {
  EXPECT_TRUE(
      mentions(error_of([] { RecordedText(toons(), Strings{}); }), {"prompts", "at least one"}));
}

TEST(RecordedText, NamesTheTracePointThatIsNotFinite) {
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    if (!tensor.name.starts_with("text_model.encoder.layers.1.mlp.fc")) continue;
    for (float& v : tensor.values) v *= 1e30f;
  }
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu, tensors);

  EXPECT_TRUE(mentions(error_of([&] { RecordedText(clip, kPrompts); }),
                       {"text.blocks.1.mlp_out", "not finite"}));
}

TEST(RecordTexts, RecordsAllPromptsInOrderAFewAtATime) {
  const Strings many(300, "a photo of a cat.");  // 8 tokens each
  std::vector<std::size_t> firsts;
  std::size_t prompts = 0;
  record_texts(toons(), many, {}, [&](std::size_t first, const RecordedText& some) {
    EXPECT_EQ(first, prompts);
    EXPECT_LE(some.record().at("text.tokens").rows(), 1024);
    prompts += some.prompts().size();
    firsts.push_back(first);
  });

  EXPECT_EQ(prompts, 300u);
  EXPECT_EQ(firsts.size(), 3u);
}

TEST(RecordTexts, StopsIfProgressReturnsFalse) {
  EXPECT_THROW(record_texts(
                   toons(), kPrompts, [](auto...) { return false; }, [](auto&&...) {}),
               Cancelled);
}

}  // namespace recorded_text_test
}  // namespace whyclip
