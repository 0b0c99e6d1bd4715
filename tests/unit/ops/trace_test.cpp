#include "whyclip/ops/trace.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/attention.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace trace_test {

using testing::all_close;
using testing::random_tensor;

/// y = x + 2x, then −3y
Value small_network(Trace& trace, Tensor x) {
  const Value input = trace.input("x", std::move(x));
  const Value twice = trace.apply("net.", "twice", std::make_shared<Scale>(2.0f), {input});
  const Value sum = trace.apply("net.", "sum", std::make_shared<Add>(), {input, twice});
  return trace.apply("net.", "out", std::make_shared<Scale>(-3.0f), {sum});
}

TEST(Trace, RecordsEveryStepByScopeAndName) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  small_network(trace, Tensor::from(1, 2, std::vector<float>{1, 10}));

  ASSERT_EQ(record.steps().size(), 3u);
  EXPECT_EQ(record.steps()[1].name, "net.sum");
  EXPECT_EQ(record.steps()[1].inputs, (std::vector<int>{record.id("x"), record.id("net.twice")}));
  EXPECT_TRUE(all_close(record.at("net.twice").values(), std::vector<float>{2, 20}, 0));
  EXPECT_TRUE(all_close(record.at("net.out").values(), std::vector<float>{-9, -90}, 0));
}

TEST(Trace, GivesTheSameResultWithAndWithoutRecording) {
  const Workspace workspace(1);
  Record record;
  Trace recording(workspace, record), inference(workspace);

  const Value recorded = small_network(recording, random_tensor("x", 3, 4));
  const Value unrecorded = small_network(inference, random_tensor("x", 3, 4));

  EXPECT_TRUE(all_close(unrecorded->values(), recorded->values(), 0));
  EXPECT_EQ(unrecorded.id, -1);
}

TEST(Trace, RecordedAttentionEqualsFusedAttention) {
  const Workspace workspace(testing::threads());
  Record record;
  Trace recording(workspace, record), inference(workspace);
  const auto mask = AttentionMask::full(2, 9);
  const auto run = [&](Trace& trace) {
    const Value q = trace.input("q", random_tensor("q", 18, 10)),
                k = trace.input("k", random_tensor("k", 18, 10)),
                v = trace.input("v", random_tensor("v", 18, 10));
    return attention(trace, "a.", q, k, v, mask, 2);
  };

  const Value recorded = run(recording), unrecorded = run(inference);

  // Averages of values of the order of 1, in float32.
  EXPECT_TRUE(all_close(unrecorded->values(), recorded->values(), 1e-6));
  EXPECT_TRUE(record.has("a.scores"));
  EXPECT_TRUE(record.has("a.pattern"));
}

TEST(Record, NamesATracePointThatWasNotRecorded) {
  const Record record;

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { record.at("vision.blocks.9.q"); }),
                                {"vision.blocks.9.q", "no such trace point"}));
}

TEST(Record, FindsTheStepOfATracePoint) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  small_network(trace, random_tensor("x", 1, 2));

  for (const char* name : {"net.twice", "net.sum", "net.out"}) {
    EXPECT_EQ(record.step(name).name, name);
  }
  EXPECT_EQ(record.step("net.sum").op->kind(), OpKind::kAdd);
}

TEST(Record, HasNoStepForAnInputOrAMissingTracePoint) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  small_network(trace, random_tensor("x", 1, 2));

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { record.step("x"); }), {"x", "input"}));
  EXPECT_TRUE(testing::mentions(testing::error_of([&] { record.step("net.z"); }),
                                {"net.z", "no such trace point"}));
}

TEST(Record, NamesTheFirstNonFiniteTracePoint) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  small_network(trace, Tensor::from(1, 2, std::vector<float>{1, 2e38f}));  // 2x overflows

  EXPECT_EQ(record.first_non_finite(), "net.twice");
}

TEST(Record, HasNoNonFiniteTracePointForFiniteValues) {
  const Workspace workspace(1);
  Record record;
  Trace trace(workspace, record);
  small_network(trace, Tensor::from(1, 2, std::vector<float>{1, 2}));

  EXPECT_FALSE(record.first_non_finite().has_value());
}

}  // namespace trace_test
}  // namespace whyclip
