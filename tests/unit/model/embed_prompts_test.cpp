#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/clip.h"
#include "whyclip/core/error.h"
#include "whyclip/model/weights.h"

namespace whyclip {
namespace embed_prompts_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using Ids = std::vector<std::int32_t>;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

std::vector<Ids> ids_of(const std::vector<std::string>& prompts) {
  std::vector<Ids> result;
  for (const std::string& prompt : prompts) result.push_back(toons().tokenize(prompt).ids());
  return result;
}

Tensor embed(const std::vector<Ids>& prompts, TextWork* work = nullptr) {
  return embed_prompts(toons().text(), Workspace(testing::threads()), prompts, {}, work);
}

/// A prompt as in the reference: padded with end tokens to the whole context, one path.
TokenTree padded_path(Ids ids) {
  const auto end = std::int64_t(ids.size()) - 1;
  ids.resize(std::size_t(toons().config().text.context_length), ids.back());
  TokenTree tree{ids, {}, {}, {end}};
  for (std::int32_t i = 0; i < std::int32_t(ids.size()); ++i) {
    tree.parent.push_back(i - 1);
    tree.depth.push_back(i);
  }
  return tree;
}

TEST(EmbedPrompts, GivesTheSameBitsForAPromptAloneAndAmong800) {
  const std::vector<Ids> prompts = ids_of(testing::golden_prompts().prompts);
  ASSERT_EQ(prompts.size(), 800u);
  const Tensor all = embed(prompts);

  for (const std::size_t i : {0u, 1u, 333u, 799u}) {
    EXPECT_TRUE(all_close(embed({prompts[i]}).values(), all.row(std::int64_t(i)), 0)) << i;
  }
}

TEST(EmbedPrompts, EqualsARunWithPadding) {
  const std::vector<Ids> prompts = ids_of({"a photo of a cat.", "tree", "a drawing of two dogs."});
  const Tensor embeddings = embed(prompts);
  const Workspace workspace(testing::threads());

  for (std::size_t i = 0; i < prompts.size(); ++i) {
    Trace trace(workspace);
    const Value padded = toons().text().forward(trace, padded_path(prompts[i]));
    EXPECT_TRUE(all_close(embeddings.row(std::int64_t(i)), padded->values(), 0)) << i;
  }
}

TEST(EmbedPrompts, IgnoresTokensAfterTheEndToken) {
  std::vector<Ids> prompts = ids_of({"a photo of a cat."});
  const Tensor plain = embed(prompts);

  prompts[0].insert(prompts[0].end(), {736, 736, 5, 736});

  EXPECT_TRUE(all_close(embed(prompts).values(), plain.values(), 0));
}

TEST(EmbedPrompts, GivesTheSameEmbeddingsWithRecording) {
  std::vector<std::vector<PositionedToken>> prompts;
  for (const Ids& ids : ids_of({"a photo of a cat.", "a photo of a dog."})) {
    prompts.push_back(with_positions(ids));
  }
  const std::vector<PromptBatch> batches = merge_prompts(prompts, 1000);
  const Workspace workspace(1);
  Record record;
  Trace recording(workspace, record), inference(workspace);

  const Value recorded = toons().text().forward(recording, batches[0].tree),
              unrecorded = toons().text().forward(inference, batches[0].tree);

  // Fused attention sums in the same order for one query; embeddings are of the order of 10.
  EXPECT_TRUE(all_close(unrecorded->values(), recorded->values(), 1e-4));
  EXPECT_TRUE(record.has("text.blocks.0.pattern"));
}

TEST(EmbedPrompts, CountsItsWork) {
  TextWork work;
  embed({{735, 10, 11, 736}, {735, 10, 12, 736}}, &work);

  EXPECT_EQ(work.prompts, 2);
  EXPECT_EQ(work.tokens, 8);
  EXPECT_EQ(work.computed, 6);
}

TEST(EmbedPrompts, IsEmptyForNoPrompts) { EXPECT_TRUE(embed({}).empty()); }

TEST(EmbedPrompts, StopsIfProgressReturnsFalse) {
  const std::vector<Ids> prompts{{735, 10, 736}};

  EXPECT_THROW(embed_prompts(
                   toons().text(), Workspace(1), prompts, [](auto...) { return false; }, nullptr),
               Cancelled);
}

TEST(EmbedPrompts, RejectsATokenOutsideTheVocabulary) {
  EXPECT_TRUE(mentions(error_of([] { embed({{735, 900, 736}}); }), {"text.tokens", "900", "737"}));
}

TEST(UpToEnd, EndsAtTheFirstEndTokenOfTheConfig) {
  EXPECT_EQ(toons().text().up_to_end(Ids{735, 4, 736, 736}), (Ids{735, 4, 736}));
}

TEST(UpToEnd, RejectsAPromptWithoutTheEndToken) {
  EXPECT_TRUE(mentions(error_of([] {
                         toons().text().up_to_end(Ids{735, 4});
                       }),
                       {"text.tokens", "736"}));
}

TEST(UpToEnd, EndsAtTheLargestIdWithoutAnEndTokenInTheConfig) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {.form = testing::TinyForm::kOpenClip});
  const Clip clip = Clip::open(folder.path(), {.threads = 1, .cache = {}});

  EXPECT_EQ(clip.text().up_to_end(Ids{7, 9, 3, 9}), (Ids{7, 9}));
}

}  // namespace embed_prompts_test
}  // namespace whyclip
