// The tracing of a whole record: a small image tower against the literal form, and invalid
// arguments.

#include "whyclip/article/published_tracing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "tests/unit/article/literal_tracing.h"
#include "whyclip/article/tracing_ablation.h"
#include "whyclip/clip.h"
#include "whyclip/core/error.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace published_tracing_test {

using testing::error_of;
using testing::mentions;

/// The mended rules, which are complete at every op.
PublishedTracingOptions mended(TracedBias bias) {
  return {.product = TracedProduct::kHalfSplit,
          .activation = TracedGain::kMended,
          .layer_norm = TracedGain::kMended,
          .softmax = TracedGain::kMended,
          .bias = bias};
}

/// The tiny image tower: 17 tokens of 24, 3 heads, 2 blocks.
class TracedTower : public ::testing::Test {
 protected:
  static const Clip& clip() {
    static const Clip clip = [] {
      const testing::TemporaryFolder folder;
      testing::write_tiny_checkpoint(folder.path());
      Clip opened = Clip::open(folder.path(), {.threads = testing::threads(), .cache = {}});
      opened.vision();  // map the files before the folder is deleted
      return opened;
    }();
    return clip;
  }

  static Record record_of(std::int64_t images, LastBlock last_block) {
    const Workspace workspace(testing::threads());
    Record record;
    Trace trace(workspace, record);
    clip().vision().forward(trace, {testing::random_tensor("pixels", images, 3 * 16 * 16), 4, 4},
                            last_block);
    return record;
  }

  const Workspace workspace{testing::threads()};
  const Record record = record_of(1, LastBlock::kPooledOnly);
};

template <class T>
double relative_distance(const TracedContributions<T>& actual,
                         const testing::LiteralContributions& expected) {
  EXPECT_EQ(actual.columns.size(), expected.size());
  testing::Real difference = 0, norm = 0;
  for (std::size_t i = 0; i < actual.contributions.size(); ++i) {
    const std::size_t count = actual.value.size();
    const testing::Real e = expected[i / count].values[i % count];
    difference +=
        (e - testing::Real(actual.contributions[i])) * (e - testing::Real(actual.contributions[i]));
    norm += e * e;
  }
  return double(std::sqrt(difference / norm));
}

constexpr std::string_view kFrom = "vision.embedded", kTo = "vision.embedding";

TEST_F(TracedTower, EqualsTheLiteralFormUnderEverySetting) {
  // The ratios magnify the rounding error of doubles by up to 4e5 in these two blocks.
  constexpr double kTolerance = 1e-8;
  for (const TracingAblation& ablation : tracing_ablations()) {
    const auto traced = published_tracing<double>(workspace, record, kFrom, kTo, ablation.options);
    EXPECT_LE(
        relative_distance(traced, testing::literal_tracing(record, kFrom, kTo, ablation.options)),
        kTolerance)
        << ablation.name;
  }
}

TEST_F(TracedTower, IsTheSameIfAllRowsOfTheLastBlockAreRecorded) {
  const Record all_rows = record_of(1, LastBlock::kAllRows);
  const auto pooled = published_tracing<double>(workspace, record, kFrom, kTo),
             all = published_tracing<double>(workspace, all_rows, kFrom, kTo);
  const double largest = std::abs(*std::ranges::max_element(
      pooled.contributions, {}, [](double contribution) { return std::abs(contribution); }));
  for (std::size_t i = 0; i < pooled.contributions.size(); ++i) {
    ASSERT_NEAR(pooled.contributions[i], all.contributions[i], 1e-8 * largest) << i;
  }
}

TEST_F(TracedTower, IsCompleteInFloatAndDoubleWhenMended) {
  for (const TracedBias bias : {TracedBias::kEqual, TracedBias::kOwn}) {
    const auto exact = published_tracing<double>(workspace, record, kFrom, kTo, mended(bias));
    // The error of 8 nodes in the softmax's path integral.
    EXPECT_LE(exact.closeness().distance, 1e-9);
    EXPECT_EQ(first_departure(exact.steps, 1e-8), nullptr);
    const auto rough = published_tracing<float>(workspace, record, kFrom, kTo, mended(bias));
    EXPECT_LE(rough.closeness().distance, 1e-5);  // float32 rounding of two blocks
    EXPECT_NEAR(rough.closeness().cosine, 1, 1e-6);
    EXPECT_NEAR(rough.closeness().norm_ratio, 1, 1e-5);
  }
}

TEST_F(TracedTower, ComputesTheValueOfTheRecordInItsOwnScalar) {
  const auto traced = published_tracing<double>(workspace, record, kFrom, kTo);
  const std::vector<float> value(traced.value.begin(), traced.value.end());
  EXPECT_TRUE(testing::all_close(value, record.at(kTo).values(), 1e-5));
}

TEST_F(TracedTower, ReportsEveryStepAndTheFirstDeparture) {
  const auto published = published_tracing<double>(workspace, record, kFrom, kTo);
  EXPECT_EQ(published.steps.front().trace_point, "vision.ln_pre");
  EXPECT_EQ(published.steps.front().op, "layer_norm");
  EXPECT_EQ(published.steps.back().trace_point, kTo);
  EXPECT_GT(published.closeness().distance, 0.1);

  // Without the branch for small ratios every op except the full product is complete: the first is
  // scores.
  const auto departs =
      published_tracing<double>(workspace, record, kFrom, kTo, {.small_ratio = std::nullopt});
  ASSERT_NE(first_departure(departs.steps, 1e-6), nullptr);
  EXPECT_EQ(first_departure(departs.steps, 1e-6)->trace_point, "vision.blocks.0.scores");
  EXPECT_EQ(tracing_figures(departs, 1e-6).first_departure, "vision.blocks.0.scores");
}

TEST_F(TracedTower, NamesItsColumnsAndSeparatesTheBiasesIfRequested) {
  const auto equal = published_tracing<float>(workspace, record, kFrom, kTo),
             own = published_tracing<float>(workspace, record, kFrom, kTo,
                                            {.bias = TracedBias::kOwn});
  EXPECT_EQ(equal.regions, 17);
  ASSERT_EQ(equal.columns.size(), 17u);
  EXPECT_EQ(equal.columns[3], "vision.embedded[3]");
  EXPECT_EQ(own.regions, 17);
  ASSERT_EQ(own.columns.size(), 18u);
  EXPECT_EQ(own.columns.back(), "biases");
  EXPECT_EQ(own.contributions.size(), 18u * 20u);
}

TEST_F(TracedTower, StoresOnlyAFewValuesAtOnce) {
  const auto traced = published_tracing<double>(workspace, record, kFrom, kTo);
  // The peak: residual stream (24), the MLP before and after its activation (96 each).
  constexpr std::size_t kContributions = 17 * 17 * (24 + 2 * 96);
  EXPECT_LE(traced.peak_bytes, kContributions * sizeof(double));
  EXPECT_GE(traced.peak_bytes, kContributions * sizeof(double) / 2);
}

TEST_F(TracedTower, PredictsThePeakBytesOfItsContributions) {
  for (const PublishedTracingOptions& options : {PublishedTracingOptions{}, mended_tracing()}) {
    const auto traced = published_tracing<double>(workspace, record, kFrom, kTo, options);
    EXPECT_EQ(published_tracing_bytes(record, kFrom, kTo, options, sizeof(double)),
              traced.peak_bytes);
  }
  PublishedTracingOptions parts = mended_tracing();
  parts.regions_at_once = 5;
  EXPECT_EQ(published_tracing_bytes(record, kFrom, kTo, parts, sizeof(float)),
            published_tracing<float>(workspace, record, kFrom, kTo, parts).peak_bytes);
}

TEST_F(TracedTower, PropagatedInPartsHasTheSameContributionsStepsAndColumns) {
  PublishedTracingOptions parts = mended_tracing();
  const auto whole = published_tracing<double>(workspace, record, kFrom, kTo, parts);
  for (const std::int64_t at_once : {1, 6, 16, 17, 40}) {
    parts.regions_at_once = at_once;
    const auto traced = published_tracing<double>(workspace, record, kFrom, kTo, parts);
    EXPECT_EQ(traced.columns, whole.columns) << at_once;
    EXPECT_EQ(traced.regions, 17) << at_once;
    ASSERT_EQ(traced.contributions.size(), whole.contributions.size()) << at_once;
    for (std::size_t i = 0; i < whole.contributions.size(); ++i) {
      ASSERT_NEAR(traced.contributions[i], whole.contributions[i], 1e-10) << at_once << " at " << i;
    }
    ASSERT_EQ(traced.steps.size(), whole.steps.size()) << at_once;
    for (const TracedStep& step : traced.steps) {
      EXPECT_LE(step.closeness.distance, 1e-9) << at_once << " " << step.trace_point;
    }
  }
}

TEST_F(TracedTower, PropagatedInPartsOnlyWhereRegionsAreIndependent) {
  EXPECT_TRUE(regions_are_independent(mended_tracing()));
  PublishedTracingOptions ratio = mended_tracing();
  ratio.layer_norm = TracedGain::kRatio;
  for (PublishedTracingOptions options : {PublishedTracingOptions{}, ratio}) {
    EXPECT_FALSE(regions_are_independent(options));
    options.regions_at_once = 4;
    EXPECT_TRUE(mentions(
        error_of([&] { published_tracing<double>(workspace, record, kFrom, kTo, options); }),
        {"regions_at_once", "mended"}));
  }
}

TEST_F(TracedTower, ReportsTheSumAfterEveryOp) {
  std::vector<std::string> reported;
  std::vector<double> last;
  PublishedTracingOptions options;
  options.watch = [&](const TracedStep& step, std::span<const double> sum) {
    reported.push_back(step.trace_point);
    last.assign(sum.begin(), sum.end());
  };
  const auto traced = published_tracing<double>(workspace, record, kFrom, kTo, options);
  ASSERT_EQ(reported.size(), traced.steps.size());
  EXPECT_EQ(reported.front(), "vision.ln_pre");
  ASSERT_EQ(last.size(), 20u);
  for (std::size_t i = 0; i < last.size(); ++i) {
    double sum = 0;
    for (std::size_t r = 0; r < 17; ++r) sum += traced.contributions[r * 20 + i];
    EXPECT_NEAR(last[i], sum, 1e-12 * (1 + std::abs(sum))) << i;
  }
}

TEST_F(TracedTower, AcceptsInputValuesInHigherPrecision) {
  const Tensor& pixels = record.at("vision.pixels");
  std::vector<double> moved(pixels.values().begin(), pixels.values().end());
  for (double& pixel : moved) pixel += 1e-9;  // below the precision of float32
  const auto before = published_tracing<double>(workspace, record, kFrom, kTo),
             after = published_tracing<double>(workspace, record, kFrom, kTo,
                                               {.inputs = {{"vision.pixels", moved}}});
  EXPECT_NE(before.value[0], after.value[0]);
  EXPECT_NEAR(before.value[0], after.value[0], 1e-6);
}

TEST_F(TracedTower, RefusesInputValuesOfAnotherSize) {
  const auto with = [&](const std::string& name, std::size_t count) {
    return error_of([&] {
      published_tracing<double>(workspace, record, kFrom, kTo,
                                {.inputs = {{name, std::vector<double>(count)}}});
    });
  };
  EXPECT_TRUE(mentions(with("vision.pixels", 7), {"vision.pixels", "768", "7"}));
  EXPECT_TRUE(mentions(with("vision.patches", 16 * 24), {"vision.patches", "input value"}));
  EXPECT_TRUE(mentions(with("vision.pixel", 768), {"vision.pixel"}));
}

TEST_F(TracedTower, ReportsProgressAndCanBeCancelled) {
  std::int64_t last = -1, of = 0;
  const PublishedTracingOptions options{.progress = [&](auto, std::int64_t done, auto total) {
    EXPECT_GE(done, last);
    last = done;
    of = total;
    return done < 10;
  }};
  EXPECT_THROW(published_tracing<float>(workspace, record, kFrom, kTo, options), Cancelled);
  EXPECT_EQ(last, 10);
  EXPECT_GT(of, 30);
}

TEST_F(TracedTower, RefusesSeveralImages) {
  EXPECT_TRUE(mentions(error_of([&] {
                         published_tracing<float>(workspace, record_of(2, LastBlock::kPooledOnly),
                                                  kFrom, kTo);
                       }),
                       {"vision.blocks.0.scores", "2 images"}));
}

TEST_F(TracedTower, RefusesTracePointsInTheWrongOrder) {
  const auto error = [&](std::string_view from, std::string_view to) {
    return error_of([&] { published_tracing<float>(workspace, record, from, to); });
  };
  EXPECT_TRUE(mentions(error(kTo, kFrom), {"vision.embedded", "vision.embedding does not lead"}));
  EXPECT_TRUE(mentions(error(kFrom, kFrom), {"vision.embedded"}));
  EXPECT_TRUE(mentions(error("vision.blocks.0.v", "vision.blocks.0.resid_mid"),
                       {"vision.blocks.0.z", "mixes traced values with others"}));
  EXPECT_TRUE(mentions(error(kFrom, "vision.last"), {"vision.last"}));
}

/// A record of ops without parameters on two rows.
class SmallRecord : public ::testing::Test {
 protected:
  Value scores_of(const Value& x) {
    return trace.apply("net.", "scores",
                       std::make_shared<AttentionScores>(AttentionMask::full(1, 2), 1), {x, x});
  }

  const Workspace workspace{1};
  Record record;
  Trace trace{workspace, record};
};

TEST_F(SmallRecord, NamesTheTracePointOfAFullProductWithoutCommonRegions) {
  scores_of(trace.input("x", Tensor::from(2, 1, std::vector<float>{1, 2})));
  const auto error =
      error_of([&] { published_tracing<double>(workspace, record, "x", "net.scores"); });
  EXPECT_TRUE(mentions(error, {"net.scores", "not finite", "half-split"}));
  // Each of the two rows gets half of the product 1·2 of rows 0 and 1.
  const auto half = published_tracing<double>(workspace, record, "x", "net.scores",
                                              {.product = TracedProduct::kHalfSplit});
  EXPECT_EQ(half.contributions, (std::vector<double>{1, 1, 1, 0, 0, 1, 1, 4}));
}

TEST_F(SmallRecord, NamesTheTracePointOfAValueThatIsNotFinite) {
  const Value x = trace.input("x", Tensor::from(2, 1, std::vector<float>{1e30f, 1}));
  trace.apply("net.", "large", std::make_shared<Scale>(1e30f), {x});
  const auto error =
      error_of([&] { published_tracing<float>(workspace, record, "x", "net.large"); });
  EXPECT_TRUE(mentions(error, {"net.large", "not finite", "scale"}));
  EXPECT_NEAR(published_tracing<double>(workspace, record, "x", "net.large").contributions[0], 1e60,
              1e54);
}

TEST_F(SmallRecord, TracesAValueThatIsReadTwice) {
  const Value x = trace.input("x", Tensor::from(2, 1, std::vector<float>{1, 2}));
  const Value a = trace.apply("net.", "a", std::make_shared<Scale>(3.0f), {x});
  trace.apply("net.", "sum", std::make_shared<Add>(), {a, x});
  EXPECT_EQ(published_tracing<float>(workspace, record, "x", "net.sum").contributions,
            (std::vector<float>{4, 0, 0, 8}));
}

TEST(TracingAblations, StartAsPublishedAndEndComplete) {
  const std::vector<TracingAblation> table = tracing_ablations();
  EXPECT_EQ(table.size(), 20u);
  const PublishedTracingOptions& first = table.front().options;
  EXPECT_EQ(first.product, TracedProduct::kFull);
  EXPECT_EQ(first.activation, TracedGain::kRatio);
  EXPECT_EQ(first.small_ratio, 0.01);
  EXPECT_EQ(first.bias, TracedBias::kEqual);
  const PublishedTracingOptions& last = table.back().options;
  EXPECT_EQ(last.product, TracedProduct::kHalfSplit);
  EXPECT_EQ(last.activation, TracedGain::kMended);
  EXPECT_EQ(last.layer_norm, TracedGain::kMended);
  EXPECT_EQ(last.softmax, TracedGain::kMended);
  EXPECT_EQ(last.bias, TracedBias::kOwn);
}

TEST(TracingFigures, SummariseTheTracing) {
  const TracedContributions<double> traced{.regions = 2,
                                           .columns = {"x[0]", "x[1]"},
                                           .rows = 1,
                                           .width = 2,
                                           .contributions = {3, -1, -1, 1},  // sums 2 and 0
                                           .value = {2, 0},
                                           .steps = {{"a", "add", {1e-9, 1, 1}},
                                                     {"b", "linear", {0.5, 0.9, 1.1}},
                                                     {"c", "add", {0, 1, 1}}},
                                           .peak_bytes = 99};
  const TracingFigures figures = tracing_figures(traced, 1e-6);
  EXPECT_DOUBLE_EQ(figures.cancellation, 3);
  EXPECT_EQ(figures.first_departure, "b");
  EXPECT_EQ(figures.closeness.distance, 0);
  EXPECT_EQ(figures.peak_bytes, 99u);
}

}  // namespace published_tracing_test
}  // namespace whyclip
