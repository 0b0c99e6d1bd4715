// The tracing of a drawing as published and mended, against what PyTorch computed.

#include "whyclip/attribution/tracing_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace {

using testing::Golden;

/// One comparison serves all tests: it takes seconds.
class ToonsTracingCompared : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const RecordedImage image(testing::toons(), testing::toons_picture(golden()));
    comparison_ = std::make_unique<TracingComparison>(compare_tracings(image));
  }
  static void TearDownTestSuite() { comparison_.reset(); }

  static Golden golden() { return Golden("toons/cat"); }
  static const TracingComparison& comparison() { return *comparison_; }

 private:
  static inline std::unique_ptr<TracingComparison> comparison_;
};

TEST_F(ToonsTracingCompared, MendedSumIsTheGoldenEmbedding) {
  const std::vector<float> sum(comparison().mended.sum.begin(), comparison().mended.sum.end());
  // Stored as float32; the record's pixels have lost digits too.
  EXPECT_TRUE(testing::all_close(sum, golden().floats("embedding"), 1e-4));
  for (const TracingLayer& layer : comparison().layers) {
    EXPECT_LE(layer.mended->distance, 1e-9) << layer.name;
  }
}

TEST_F(ToonsTracingCompared, PublishedLosesTheEmbeddingAsMuchAsTheGoldenOne) {
  const std::vector<float> stored = golden().floats("published_tracing"),
                           embedding = golden().floats("embedding");
  const std::size_t outputs = embedding.size(), regions = stored.size() / outputs;
  double dot = 0, sums = 0, values = 0;
  for (std::size_t o = 0; o < outputs; ++o) {
    double sum = 0;
    for (std::size_t r = 0; r < regions; ++r) sum += double(stored[o * regions + r]);
    dot += sum * double(embedding[o]);
    sums += sum * sum;
    values += double(embedding[o]) * double(embedding[o]);
  }
  // As wide as one picture's outcomes lie over pixels changed in the last bit, see
  // published_tracing_test.cpp.
  const TracedCloseness& ours = *comparison().layers.back().published;
  EXPECT_NEAR(ours.cosine, dot / std::sqrt(sums * values), 0.25);
  EXPECT_NEAR(ours.norm_ratio, std::sqrt(sums / values), 0.1);
}

TEST_F(ToonsTracingCompared, DepartsFirstAtTheProductOfQueriesAndKeys) {
  ASSERT_TRUE(comparison().departure);
  EXPECT_EQ(comparison().departure->step.trace_point, "vision.blocks.0.scores");
  EXPECT_NE(comparison().departure->reason.find("product"), std::string::npos);
}

TEST_F(ToonsTracingCompared, FloatAndDoubleGoApartFromBlockToBlock) {
  const std::vector<TracingLayer>& layers = comparison().layers;
  EXPECT_LT(layers.front().float_difference->distance, 1e-4);  // after the first norm
  EXPECT_GT(layers.back().float_difference->distance, 0.05);   // 0.40 to 0.78 between the goldens
}

TEST_F(ToonsTracingCompared, MendedMapOfEveryGoldenTargetAddsUp) {
  const std::vector<float> embedding = golden().floats("embedding");
  for (const char* kind : {"prompt", "class", "contrast"}) {
    const Target target = testing::toons_target(testing::kToonsContrasts[0], kind);
    const double logit = target_value(target, embedding);
    const double tolerance = 1e-5 * (1 + std::abs(logit));  // the project's promise
    EXPECT_NEAR(target_map(comparison().mended, target, embedding).sum, logit, tolerance);
    EXPECT_NEAR(traced_value(comparison().mended, target), logit, tolerance);
  }
}

}  // namespace
}  // namespace whyclip
