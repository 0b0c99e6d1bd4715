#include "whyclip/attribution/recording_batch.h"

#include <gtest/gtest.h>

#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace recording_batch_test {

TEST(BytesOfARecord, CountItsValuesAndTheTensorsSavedByOps) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  Record record;
  const Workspace workspace(1);
  Trace trace(workspace, record);
  const Value input = trace.input("x", Tensor::zeros(3, 5));
  trace.apply("", "twice", std::make_shared<Scale>(2.0f), {input});
  EXPECT_EQ(bytes_of(record), 2U * 3 * 5 * 4);
  // The tiny tower's values: 768 pixels, 17 tokens of 24 channels several times over.
  const RecordedImage recorded(clip, testing::tiny_image());
  std::size_t values = 0, saved = 0;
  for (std::size_t id = 0; id < recorded.record().value_count(); ++id) {
    values += recorded.record().value(int(id)).size();
  }
  for (const Step& step : recorded.record().steps()) {
    for (const Tensor& tensor : step.saved) saved += tensor.size();
  }
  EXPECT_GT(saved, 0U);
  EXPECT_EQ(bytes_of(recorded.record()), 4 * (values + saved));
}

TEST(RecordedAtOnce, IsEightForSmallRecords) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  EXPECT_EQ(recorded_at_once(RecordedImage(clip, testing::tiny_image())), 8);
  // 144 patches, 5 blocks of width 128: some 9 MB.
  const testing::Golden golden("toons/cat");
  const RecordedImage drawing(testing::toons(), testing::toons_image(golden));
  EXPECT_EQ(recorded_at_once(drawing), 8);
}

TEST(RecordedAtOnce, DecreasesWithTheImageSizeButNotBelowOne) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  // Scores and pattern of the first block's 3 heads over n tokens take 24 n² bytes.
  const auto at_once = [&](int side) {
    return recorded_at_once(RecordedImage(clip, testing::tiny_image(side, side)));
  };
  const int large = at_once(200);  // 2501 tokens
  EXPECT_LT(large, 8);
  EXPECT_GE(large, 1);
}

}  // namespace recording_batch_test
}  // namespace whyclip
