// A change within the rounding error has no map.

#include "whyclip/article/deoptimisation_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace deoptimisation_map_test {

using testing::mentions;
using testing::tiny_clip;

/// One run of 4 steps whose state is 1 everywhere at the end.
Deoptimisation run_of(const std::vector<float>& change, std::int64_t cells,
                      Variable variable = Variable::kPixels) {
  const std::int64_t channels = std::int64_t(change.size()) / cells;
  Deoptimisation result{variable, 1, int(cells), {}};
  result.runs.emplace_back();
  DeoptimisationRun& run = result.runs.back();
  run.losses = {5, 4, 3, 2, 1};
  run.change = Tensor::from(cells, channels, change);
  run.state = Tensor::from(cells, channels, std::vector<float>(change.size(), 1.0f));
  return result;
}

std::vector<float> read(const Deoptimisation& result, ChannelReduction reduction) {
  return read_change(result, result.runs[0], result.runs[0].change, reduction);
}

class MeanOfPatches : public ::testing::Test {
 protected:
  Deoptimisation descend(const DeoptimisationOptions& options) const {
    const Tensor vector = testing::random_tensor("loss", 1, 20);
    const DeoptimisationLoss loss{
        "random", LossForm::kDotSquared, {vector.values().begin(), vector.values().end()}};
    return deoptimise(clip, recorded, loss, options);
  }
  /// The largest |Σ change| / Σ |change| over the channels of a patch.
  double relative_mean(const DeoptimisationOptions& options) const {
    const Tensor change = std::move(descend(options).runs[0].change);
    double most = 0;
    for (std::int64_t c = 0; c < change.rows(); ++c) {
      double sum = 0, size = 0;
      for (const float v : change.row(c)) {
        sum += double(v);
        size += std::abs(double(v));
      }
      most = std::max(most, std::abs(sum) / size);
    }
    return most;
  }

  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  RecordedImage recorded{clip, testing::tiny_image()};
};

// The claim of reason_always_zero, with all options that are linear in gradient and change.
TEST_F(MeanOfPatches, IsZeroForPlainDescentWithMomentumPenaltiesAndLowPass) {
  constexpr double kRounding = 1e-3;  // changes are a thousandth of the values that are rounded
  EXPECT_LT(relative_mean({.steps = 5, .rate = 0.1, .controls = 0}), kRounding);
  EXPECT_LT(relative_mean({.steps = 5,
                           .rate = 0.1,
                           .momentum = 0.9,
                           .l2 = 0.1,
                           .variation = 0.1,
                           .low_pass = 1,
                           .controls = 0}),
            kRounding);
  EXPECT_LT(relative_mean({.steps = 5, .rate = 0.1, .ascend = true, .controls = 0}), kRounding);
}

TEST_F(MeanOfPatches, IsNotZeroForAdamNorForPixels) {
  EXPECT_GT(relative_mean({.optimiser = Optimiser::kAdam, .steps = 5, .controls = 0}), 0.01);
  EXPECT_GT(relative_mean({.variable = Variable::kPixels, .steps = 5, .rate = 0.1, .controls = 0}),
            0.01);
}

/// The bound on rounding alone: the result does not record plain descent as the optimiser.
TEST_F(MeanOfPatches, OfPlainDescentIsBelowTheBoundOnRounding) {
  for (const auto& [steps, rate] : {std::pair{1, 1e-4}, {5, 0.1}, {40, 1.0}}) {
    Deoptimisation result = descend({.steps = steps, .rate = rate, .controls = 0});
    result.optimiser = Optimiser::kAdam;
    EXPECT_TRUE(mentions(reason_without_map(result, ChannelReduction::kMean).value_or("a map"),
                         {"rounding"}))
        << steps << " steps of " << rate;
    EXPECT_FALSE(reason_without_map(result, ChannelReduction::kNorm))
        << steps << " steps of " << rate;
  }
}

TEST_F(MeanOfPatches, OfAdamAndOfPixelsIsAMap) {
  EXPECT_FALSE(reason_without_map(descend({.optimiser = Optimiser::kAdam, .controls = 0}),
                                  ChannelReduction::kMean));
  EXPECT_FALSE(reason_without_map(descend({.variable = Variable::kPixels, .controls = 0}),
                                  ChannelReduction::kMean));
}

TEST(ReasonAlwaysZero, ExistsOnlyForTheMeanOfPatchesUnderPlainDescent) {
  EXPECT_TRUE(
      mentions(*reason_always_zero(Variable::kPatches, Optimiser::kSgd, ChannelReduction::kMean),
               {"layer norm", "norm", "adam", "pixels"}));
  EXPECT_FALSE(reason_always_zero(Variable::kPatches, Optimiser::kAdam, ChannelReduction::kMean));
  EXPECT_FALSE(reason_always_zero(Variable::kPixels, Optimiser::kSgd, ChannelReduction::kMean));
  for (const ChannelReduction reduction : {ChannelReduction::kMax, ChannelReduction::kMostVaried,
                                           ChannelReduction::kBoosted, ChannelReduction::kNorm}) {
    EXPECT_FALSE(reason_always_zero(Variable::kPatches, Optimiser::kSgd, reduction));
  }
}

TEST(ReasonWithoutMap, IsGivenForTheMeanOfChannelsThatCancel) {
  const Deoptimisation result = run_of({0.1f, -0.1f, 0.2f, -0.20000001f}, 2);
  EXPECT_TRUE(mentions(*reason_without_map(result, ChannelReduction::kMean),
                       {"cancels", "mean", "rounding"}));
  EXPECT_EQ(read(result, ChannelReduction::kMean), (std::vector<float>{0, 0}));
  EXPECT_FALSE(reason_without_map(result, ChannelReduction::kNorm));
  EXPECT_EQ(read(result, ChannelReduction::kMax), (std::vector<float>{0.1f, 0.2f}));
}

TEST(ReasonWithoutMap, IsMissingForAMeanAboveTheRounding) {
  // Four roundings of 1 are at most 2.4e-7.
  const Deoptimisation result = run_of({0.1f, -0.0999f, 0.2f, -0.2f}, 2);
  EXPECT_FALSE(reason_without_map(result, ChannelReduction::kMean));
  EXPECT_NEAR(read(result, ChannelReduction::kMean)[0], 5e-5, 1e-8);
}

TEST(ReasonWithoutMap, IsGivenForAllChannelReductionsIfTheChangeIsAFewUnitsInTheLastPlace) {
  const Deoptimisation result = run_of({1.2e-7f, -1.2e-7f, 2.4e-7f / 2, 0}, 2);
  for (const ChannelReduction reduction : kChannelReductions) {
    EXPECT_TRUE(mentions(*reason_without_map(result, reduction), {"rounding", "larger rate"}));
    EXPECT_EQ(read(result, reduction), (std::vector<float>{0, 0})) << name_of(reduction);
  }
}

TEST(ReasonWithoutMap, IsMissingIfOneRestartHasAChange) {
  Deoptimisation result = run_of({0, 0, 0, 0}, 2);
  EXPECT_TRUE(reason_without_map(result, ChannelReduction::kNorm));
  result.runs.push_back(std::move(run_of({3, 4, 0, 0}, 2).runs[0]));
  EXPECT_FALSE(reason_without_map(result, ChannelReduction::kNorm));
}

TEST(ReasonWithoutMap, IsReasonAlwaysZeroIfThatApplies) {
  EXPECT_TRUE(mentions(
      *reason_without_map(run_of({0.1f, 0.3f}, 1, Variable::kPatches), ChannelReduction::kMean),
      {"layer norm"}));
}

}  // namespace deoptimisation_map_test
}  // namespace whyclip
