#include "whyclip/perturbation/word_removal.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace word_removal_test {

using testing::error_of;
using testing::mentions;

class WordRemoval : public ::testing::Test {
 protected:
  Tensor keeping(const std::vector<TokenSet>& kept) const {
    return text_embeddings_keeping(clip, ids, kept);
  }
  TokenSet all() const {
    TokenSet set;
    for (int i = 0; i < int(ids.size()); ++i) set.push_back(i);
    return set;
  }

  Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  std::vector<std::int32_t> ids = testing::ids_of(clip, "a photo of two dogs");
};

TEST_F(WordRemoval, KeepingEveryTokenEqualsThePlainEmbeddingBitForBit) {
  const std::vector<std::string> prompt{"a photo of two dogs"};
  EXPECT_TRUE(testing::all_close(keeping({all()}).values(), clip.encode_text(prompt).values(), 0));
}

TEST_F(WordRemoval, SetsDoNotDependOnTheOthers) {
  const int last = int(ids.size()) - 1;
  const std::vector<TokenSet> sets{{0, 2, last}, all(), {0, last}, {last}, {0, 1, 2, last}};
  const Tensor together = keeping(sets);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_TRUE(testing::all_close(together.row(std::int64_t(i)), keeping({sets[i]}).values(), 0));
  }
}

TEST_F(WordRemoval, PositionsMatter) {
  // the same token twice, the first or the second removed
  const std::vector<std::int32_t> twice{ids[0], ids[1], ids[1], ids.back()};
  const Tensor z =
      text_embeddings_keeping(clip, twice, std::vector<TokenSet>{{0, 1, 3}, {0, 2, 3}});
  EXPECT_FALSE(testing::all_close(z.row(0), z.row(1), 1e-4));
}

TEST_F(WordRemoval, RefusesInvalidSets) {
  EXPECT_TRUE(mentions(error_of([&] { keeping({{0, 1}}); }), {"kept tokens 0", "last token"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         keeping({all(), {0, 0, int(ids.size()) - 1}});
                       }),
                       {"kept tokens 1", "twice"}));
  EXPECT_TRUE(mentions(error_of([&] { keeping({{-1, int(ids.size()) - 1}}); }), {"-1"}));
}

}  // namespace word_removal_test
}  // namespace whyclip
