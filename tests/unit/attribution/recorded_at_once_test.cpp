#include "whyclip/attribution/recorded_at_once.h"

#include <gtest/gtest.h>

#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace {

TEST(BytesOfARecord, CountWhatItKeepsAndWhatOpsKeep) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  Record record;
  const Workspace workspace(1);
  Trace trace(workspace, record);
  const Value input = trace.input("x", Tensor::zeros(3, 5));
  trace.apply("", "twice", std::make_shared<Scale>(2.0f), {input});
  EXPECT_EQ(bytes_of(record), 2U * 3 * 5 * 4);
  // The tiny tower's values: 768 pixels, 17 tokens of 24 channels several times over.
  const RecordedImage image(clip, testing::tiny_picture());
  std::size_t values = 0, kept = 0;
  for (std::size_t id = 0; id < image.record().value_count(); ++id) {
    values += image.record().value(int(id)).size();
  }
  for (const Step& step : image.record().steps()) {
    for (const Tensor& tensor : step.kept) kept += tensor.size();
  }
  EXPECT_GT(kept, 0U);
  EXPECT_EQ(bytes_of(image.record()), 4 * (values + kept));
}

TEST(RecordedAtOnce, IsEightWhereARecordIsSmall) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  EXPECT_EQ(recorded_at_once(RecordedImage(clip, testing::tiny_picture())), 8);
  // 144 patches, 5 blocks of width 128: some 9 MB.
  const testing::Golden golden("toons/cat");
  const RecordedImage drawing(testing::toons(), testing::toons_picture(golden));
  EXPECT_EQ(recorded_at_once(drawing), 8);
}

TEST(RecordedAtOnce, FallsAsPicturesGrowButNotBelowOne) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  // Scores and pattern of the first block's 3 heads over n tokens take 24 n² bytes.
  const auto at_once = [&](int side) {
    return recorded_at_once(RecordedImage(clip, testing::tiny_picture(side, side)));
  };
  const int large = at_once(200);  // 2501 tokens
  EXPECT_LT(large, 8);
  EXPECT_GE(large, 1);
}

}  // namespace
}  // namespace whyclip
