#include "whyclip/ops/embed_tokens.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace whyclip {
namespace embed_tokens_test {

using testing::error_of;
using testing::mentions;

std::shared_ptr<const Tensor> table() {
  return std::make_shared<const Tensor>(
      Tensor::from(3, 2, std::vector<float>{0, 1, 10, 11, 20, 21}));
}

TEST(EmbedTokens, LooksUpEachId) {
  const Tensor out = EmbedTokens(table(), {2, 0, 2}).forward(Workspace(1), {}, nullptr);

  EXPECT_TRUE(testing::all_close(out.values(), std::vector<float>{20, 21, 0, 1, 20, 21}, 0));
}

TEST(EmbedTokens, RejectsAnIdOutsideTheVocabulary) {
  EXPECT_TRUE(mentions(error_of([] {
                         EmbedTokens(table(), {0, 3});
                       }),
                       {"text.tokens", "3", "of 3"}));
  EXPECT_TRUE(mentions(error_of([] { EmbedTokens(table(), {-1}); }), {"text.tokens", "-1"}));
}

TEST(EmbedTokens, HasNoGradients) {
  const EmbedTokens op(table(), {2, 0});
  const Workspace workspace(1);
  const Tensor out = op.forward(workspace, {}, nullptr);

  EXPECT_TRUE(op.vjp(workspace, {{}, out, {}}, out).empty());
}

}  // namespace embed_tokens_test
}  // namespace whyclip
