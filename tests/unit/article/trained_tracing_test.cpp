// The tracing with trained weights: the embedded model on a part of an image, 17 tokens, against
// the literal form. The ratios of trained activations magnify rounding by about 10⁴ per block.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/golden.h"
#include "tests/support/threads.h"
#include "tests/unit/article/literal_tracing.h"
#include "whyclip/article/published_tracing.h"
#include "whyclip/clip.h"

namespace whyclip {
namespace trained_tracing_test {

class TrainedTracing : public ::testing::TestWithParam<const char*> {
 protected:
  TrainedTracing() {
    static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
    constexpr std::size_t kSide = 96, kPart = 32, kMargin = 32;  // the central 4 × 4 patches
    const std::vector<float> pixels =
        testing::Golden(std::string("toons/") + GetParam()).floats("pixels");
    std::vector<float> part;
    for (std::size_t i = 0; i < 3 * kPart * kPart; ++i) {
      const std::size_t channel = i / (kPart * kPart), y = i / kPart % kPart, x = i % kPart;
      part.push_back(pixels[(channel * kSide + kMargin + y) * kSide + kMargin + x]);
    }
    Trace trace(workspace, record);
    clip.vision().forward(trace, {Tensor::from(1, std::int64_t(part.size()), part), 4, 4},
                          LastBlock::kPooledOnly);
  }

  /// ‖double − literal‖ / ‖literal‖ over all contributions of a trace point.
  double distance(std::string_view to, const PublishedTracingOptions& options) const {
    const auto traced = published_tracing<double>(workspace, record, kFrom, to, options);
    const testing::LiteralContributions literal =
        testing::literal_tracing(record, kFrom, to, options);
    testing::Real difference = 0, norm = 0;
    const std::size_t count = traced.value.size();
    for (std::size_t i = 0; i < traced.contributions.size(); ++i) {
      const testing::Real expected = literal[i / count].values[i % count];
      difference += std::pow(expected - testing::Real(traced.contributions[i]), 2);
      norm += expected * expected;
    }
    return double(std::sqrt(difference / norm));
  }

  static constexpr std::string_view kFrom = "vision.embedded";
  const Workspace workspace{testing::threads()};
  Record record;
};

TEST_P(TrainedTracing, EqualsTheLiteralFormWithinThePrecisionOfDouble) {
  // Measured: 3e-14 to 7e-12 after the first block, 7e-11 to 1e-8 after the second.
  EXPECT_LE(distance("vision.blocks.0.resid_post", {}), 1e-9);
  EXPECT_LE(distance("vision.blocks.1.resid_post", {}), 1e-5);
}

TEST_P(TrainedTracing, EqualsTheLiteralFormAtTheEmbeddingWithTheHalfSplitProduct) {
  // Measured: 2e-12 to 5e-11.
  EXPECT_LE(distance("vision.embedding",
                     {.product = TracedProduct::kHalfSplit, .small_ratio = std::nullopt}),
            1e-8);
}

TEST_P(TrainedTracing, NeedsMoreNodesForThePeakedPatternsOfTrainedWeights) {
  const auto incompleteness = [&](int nodes) {
    return published_tracing<double>(workspace, record, kFrom, "vision.embedding",
                                     {.product = TracedProduct::kHalfSplit,
                                      .activation = TracedGain::kMended,
                                      .layer_norm = TracedGain::kMended,
                                      .softmax = TracedGain::kMended,
                                      .bias = TracedBias::kOwn,
                                      .softmax_nodes = nodes})
        .closeness()
        .distance;
  };
  // Measured: 4e-7 to 5e-4, 2e-13 to 2e-6, 1e-15 to 1e-11.
  EXPECT_LE(incompleteness(8), 2e-3);
  EXPECT_LE(incompleteness(16), 1e-5);
  EXPECT_LE(incompleteness(32), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Toons, TrainedTracing, ::testing::ValuesIn(testing::kToonsCases),
                         [](const auto& case_info) { return std::string(case_info.param); });

}  // namespace trained_tracing_test
}  // namespace whyclip
