// The published and the mended tracing of a drawing, against PyTorch.

#include "whyclip/article/tracing_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace tracing_comparison_test {

using testing::Golden;

/// The drawing of a cat. A comparison takes seconds, so each test checks several properties of it.
class ToonsTracingCompared : public ::testing::Test {
 protected:
  TracingComparison compared(bool mended_only) const {
    const RecordedImage recorded(testing::toons(), testing::toons_image(golden));
    return compare_tracings(recorded, {.mended_only = mended_only});
  }

  /// The sum of the golden file's published contributions, (outputs, regions).
  std::vector<double> golden_sum() const {
    const std::vector<float> stored = golden.floats("published_tracing");
    std::vector<double> sum(embedding.size());
    const std::size_t regions = stored.size() / sum.size();
    for (std::size_t i = 0; i < stored.size(); ++i) sum[i / regions] += double(stored[i]);
    return sum;
  }

  const Golden golden{"toons/cat"};
  const std::vector<float> embedding = golden.floats("embedding");
};

TEST_F(ToonsTracingCompared, MendedSumEqualsTheGoldenEmbeddingAndGivesTheLogits) {
  const TracingComparison comparison = compared(true);
  const std::vector<float> sum(comparison.mended.sum.begin(), comparison.mended.sum.end());
  // Both the golden embedding and the record's pixels are float32.
  EXPECT_TRUE(testing::all_close(sum, embedding, 1e-4));
  for (const TracingLayer& layer : comparison.layers) {
    EXPECT_LE(layer.mended->distance, 1e-9) << layer.name;
  }
  for (const char* kind : {"prompt", "class", "contrast"}) {
    const Target target = testing::toons_target(testing::kToonsContrasts[0], kind);
    const double logit = target_value(target, embedding);
    const double tolerance = 1e-5 * (1 + std::abs(logit));  // the documented accuracy
    EXPECT_NEAR(target_map(comparison.mended, target, embedding).sum, logit, tolerance);
    EXPECT_NEAR(traced_value(comparison.mended, target), logit, tolerance);
  }
}

TEST_F(ToonsTracingCompared, PublishedDepartsAtTheFirstProductAndDiffersAsMuchAsTheGoldenOne) {
  const TracingComparison comparison = compared(false);
  ASSERT_TRUE(comparison.departure);
  EXPECT_EQ(comparison.departure->step.trace_point, "vision.blocks.0.scores");
  EXPECT_NE(comparison.departure->reason.find("product"), std::string::npos);

  double dot = 0, sums = 0, values = 0;
  const std::vector<double> expected = golden_sum();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    dot += expected[i] * double(embedding[i]);
    sums += expected[i] * expected[i];
    values += double(embedding[i]) * double(embedding[i]);
  }
  // The spread of one image's outcomes for pixels changed in the last bit, see
  // published_tracing_test.cpp.
  const TracedCloseness& actual = *comparison.layers.back().published;
  EXPECT_NEAR(actual.cosine, dot / std::sqrt(sums * values), 0.25);
  EXPECT_NEAR(actual.norm_ratio, std::sqrt(sums / values), 0.1);

  // The difference between float32 and float64 grows from block to block.
  EXPECT_LT(comparison.layers.front().float_difference->distance, 1e-4);
  EXPECT_GT(comparison.layers.back().float_difference->distance, 0.05);
}

}  // namespace tracing_comparison_test
}  // namespace whyclip
