#include "whyclip/methods/subject.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace {

using testing::all_close;
using testing::tiny_clip;
using testing::tiny_picture;
using testing::tiny_targets;

class SubjectOfTiny : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  Subject subject{clip, tiny_picture(16, 20), tiny_targets()[0]};
};

TEST_F(SubjectOfTiny, ValuesOfKeptPatchesAreComputedOnceAndInAnyOrder) {
  std::vector<int> all(20);
  for (int p = 0; p < 20; ++p) all[std::size_t(p)] = p;
  const std::vector<PatchSet> sets{{3, 1}, {}, all, {1, 3}};
  const std::vector<double> values = subject.values_keeping(sets);
  EXPECT_EQ(subject.evaluations(), 3);
  EXPECT_EQ(values[0], values[3]);
  EXPECT_NEAR(values[2], subject.value(), 1e-6 * std::abs(subject.value()));
  const Tensor alone = embeddings_keeping(clip, subject.picture(), std::vector<PatchSet>{{1, 3}});
  EXPECT_EQ(values[0], target_value(subject.target(), alone.row(0)));
  EXPECT_EQ(subject.values_keeping(sets), values);
  EXPECT_EQ(subject.evaluations(), 3);
}

TEST_F(SubjectOfTiny, ValuesOfFilledPatchesAreRememberedApartFromThoseOfDroppedOnes) {
  const std::vector<PatchSet> sets{{3, 1}, {2}};
  const std::vector<double> dropped = subject.values_keeping(sets),
                            filled = subject.values_keeping(sets, Fill::kMean);
  EXPECT_EQ(subject.evaluations(), 4);
  const Tensor alone = embeddings_filling(clip, subject.picture(), sets, Fill::kMean);
  EXPECT_EQ(filled[0], target_value(subject.target(), alone.row(0)));
  EXPECT_NE(filled[0], dropped[0]);
  EXPECT_EQ(subject.values_keeping(sets, Fill::kMean), filled);
  EXPECT_EQ(subject.values_keeping(sets), dropped);
  EXPECT_EQ(subject.evaluations(), 4);
}

TEST_F(SubjectOfTiny, AllRowsHoldEveryTokenOfTheLastBlock) {
  const Record& record = subject.all_rows();
  EXPECT_EQ(record.at("vision.blocks.1.resid_post").rows(), 21);
  EXPECT_TRUE(all_close(record.at("vision.normalized").values(),
                        subject.image().record().at("vision.normalized").values(), 1e-6));
  EXPECT_EQ(&subject.all_rows(), &record);
}

TEST_F(SubjectOfTiny, ContributionsAddUpToTheTotal) {
  for (const Method& method : methods()) {
    if (!method.info.complete || !method.run) continue;
    const Attribution result = method.run(subject, MethodSettings(method.info), {});
    ASSERT_TRUE(result.total.has_value()) << method.info.name;
    double sum = result.elsewhere.value_or(0);
    for (const float share : result.patches) sum += double(share);
    EXPECT_NEAR(sum, *result.total, 1e-3 * (1 + std::abs(*result.total))) << method.info.name;
  }
}

}  // namespace
}  // namespace whyclip
