#include "whyclip/methods/explanation_context.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace explanation_context_test {

using testing::all_close;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

class ContextOfTiny : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, tiny_image(16, 20), tiny_targets()[0]};
};

TEST_F(ContextOfTiny, ValuesOfKeptPatchesAreCachedIndependentOfOrder) {
  std::vector<int> all(20);
  for (int p = 0; p < 20; ++p) all[std::size_t(p)] = p;
  const std::vector<PatchSet> sets{{3, 1}, {}, all, {1, 3}};
  const std::vector<double> values = context.values_keeping(sets);
  EXPECT_EQ(context.evaluations(), 3);
  EXPECT_EQ(values[0], values[3]);
  EXPECT_NEAR(values[2], context.value(), 1e-6 * std::abs(context.value()));
  const Tensor alone = embeddings_keeping(clip, context.image(), std::vector<PatchSet>{{1, 3}});
  EXPECT_EQ(values[0], target_value(context.target(), alone.row(0)));
  EXPECT_EQ(context.values_keeping(sets), values);
  EXPECT_EQ(context.evaluations(), 3);
}

TEST_F(ContextOfTiny, ValuesOfFilledAndRemovedPatchesAreCachedSeparately) {
  const std::vector<PatchSet> sets{{3, 1}, {2}};
  const std::vector<double> removed = context.values_keeping(sets),
                            filled = context.values_keeping(sets, Fill::kMean);
  EXPECT_EQ(context.evaluations(), 4);
  const Tensor alone = embeddings_filling(clip, context.image(), sets, Fill::kMean);
  EXPECT_EQ(filled[0], target_value(context.target(), alone.row(0)));
  EXPECT_NE(filled[0], removed[0]);
  EXPECT_EQ(context.values_keeping(sets, Fill::kMean), filled);
  EXPECT_EQ(context.values_keeping(sets), removed);
  EXPECT_EQ(context.evaluations(), 4);
}

TEST_F(ContextOfTiny, AllRowsHoldEveryTokenOfTheLastBlock) {
  const Record& record = context.all_rows();
  EXPECT_EQ(record.at("vision.blocks.1.resid_post").rows(), 21);
  EXPECT_TRUE(all_close(record.at("vision.normalized").values(),
                        context.recorded().record().at("vision.normalized").values(), 1e-6));
  EXPECT_EQ(&context.all_rows(), &record);
}

TEST_F(ContextOfTiny, ContributionsAddUpToTheTotal) {
  for (const Method& method : methods()) {
    if (!method.info.complete || !method.run) continue;
    const Attribution result = method.run(context, MethodSettings(method.info), {});
    ASSERT_TRUE(result.total.has_value()) << method.info.name;
    double sum = result.elsewhere.value_or(0);
    for (const float contribution : result.patches) sum += double(contribution);
    EXPECT_NEAR(sum, *result.total, 1e-3 * (1 + std::abs(*result.total))) << method.info.name;
  }
}

}  // namespace explanation_context_test
}  // namespace whyclip
