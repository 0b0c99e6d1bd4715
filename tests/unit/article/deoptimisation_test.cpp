#include "whyclip/article/deoptimisation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/core/cell_grid.h"

namespace whyclip {
namespace deoptimisation_test {

using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;

DeoptimisationLoss tiny_loss(LossForm form) {
  const Tensor vector = testing::random_tensor("loss", 1, 20);
  return {"random", form, {vector.values().begin(), vector.values().end()}};
}

class Deoptimise : public ::testing::TestWithParam<Variable> {
 protected:
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  Preprocessed image = tiny_image(16, 20);  // 5 × 4 patches
  RecordedImage recorded{clip, image};

  DeoptimisationOptions options() const {
    return {.variable = GetParam(), .steps = 3, .rate = 1e-3, .controls = 0};
  }

  std::vector<float> start() const {
    const Tensor& value =
        recorded.record().at(GetParam() == Variable::kPixels ? "vision.pixels" : "vision.patches");
    return {value.values().begin(), value.values().end()};
  }

  /// The loss of a state, by a separate forward pass.
  double loss_at(const DeoptimisationLoss& loss, const std::vector<float>& state) const {
    const Workspace workspace(1);
    Trace trace(workspace);
    if (GetParam() == Variable::kPixels) {
      PixelBatch batch{Tensor::from(1, std::int64_t(state.size()), state), 5, 4};
      return loss.value(
          clip.vision().forward(trace, std::move(batch), LastBlock::kPooledOnly)->row(0));
    }
    const Value patches =
        trace.input("vision.patches", Tensor::from(20, std::int64_t(state.size()) / 20, state));
    const Value tokens = clip.vision().embed_patches(trace, patches, 5, 4);
    return loss.value(clip.vision().encode(trace, tokens, 1, LastBlock::kPooledOnly)->row(0));
  }

  std::vector<float> first_gradient(const DeoptimisationLoss& loss) const {
    std::vector<float> result;
    DeoptimisationOptions once = options();
    once.observe = [&](const DeoptimisationStep& step) {
      if (step.step == 0) result.assign(step.gradient.begin(), step.gradient.end());
    };
    deoptimise(clip, recorded, loss, once);
    return result;
  }
};

std::string name_of_variable(const ::testing::TestParamInfo<Variable>& info) {
  return info.param == Variable::kPixels ? "Pixels" : "Patches";
}

INSTANTIATE_TEST_SUITE_P(Tiny, Deoptimise, ::testing::Values(Variable::kPatches, Variable::kPixels),
                         name_of_variable);

TEST_P(Deoptimise, GradientsOfEveryLossAgreeWithFiniteDifferences) {
  const std::vector<float> x = start();
  for (const LossForm form :
       {LossForm::kDotSquared, LossForm::kPositiveSquared, LossForm::kDot, LossForm::kCosine}) {
    DeoptimisationLoss loss = tiny_loss(form);
    if (loss.along(recorded.embedding()) <
        0) {  // a one-sided loss needs a positive product to have a slope
      for (float& value : loss.vector) value = -value;
    }
    const std::vector<float> gradient = first_gradient(loss);
    ASSERT_EQ(gradient.size(), x.size());
    for (const char* name : {"one way", "another", "a third"}) {
      const Tensor along = testing::random_tensor(name, 1, std::int64_t(x.size()));
      constexpr float kStep = 1.0f / 128;
      std::vector<float> above = x, below = x;
      double slope = 0, size = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        above[i] += kStep * along.data()[i];
        below[i] -= kStep * along.data()[i];
        slope += double(gradient[i]) * double(along.data()[i]);
        size += double(gradient[i]) * double(gradient[i]);
      }
      const double expected = (loss_at(loss, above) - loss_at(loss, below)) / (2 * double(kStep));
      // Along a random direction the slope is about ‖gradient‖.
      EXPECT_NEAR(slope, expected, 1e-3 * std::sqrt(size)) << name_of(form) << ", " << name;
    }
  }
}

TEST_P(Deoptimise, PlainStepIsRateTimesGradient) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDotSquared);
  std::vector<float> gradient, second;
  DeoptimisationOptions plain = options();
  plain.observe = [&](const DeoptimisationStep& step) {
    if (step.step == 0) gradient.assign(step.gradient.begin(), step.gradient.end());
    if (step.step == 1) second.assign(step.state.begin(), step.state.end());
  };
  deoptimise(clip, recorded, loss, plain);
  std::vector<float> expected = start();
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] -= 1e-3f * gradient[i];
  EXPECT_TRUE(testing::all_close(second, expected, 1e-6));
}

TEST_P(Deoptimise, LossesFallOrRiseAsRequested) {
  for (const LossForm form : {LossForm::kDotSquared, LossForm::kDot, LossForm::kCosine}) {
    for (const Optimiser optimiser : {Optimiser::kSgd, Optimiser::kAdam}) {
      DeoptimisationOptions changed = options();
      changed.optimiser = optimiser;
      const auto down = deoptimise(clip, recorded, tiny_loss(form), changed).runs[0].losses;
      changed.ascend = true;
      const auto up = deoptimise(clip, recorded, tiny_loss(form), changed).runs[0].losses;
      ASSERT_EQ(down.size(), 4U);
      EXPECT_EQ(down[0], up[0]);
      EXPECT_TRUE(std::ranges::is_sorted(down, std::ranges::greater())) << name_of(form);
      EXPECT_TRUE(std::ranges::is_sorted(up)) << name_of(form);
    }
  }
}

TEST_P(Deoptimise, LastLossIsTheLossOfTheReturnedState) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDotSquared);
  const DeoptimisationRun run = std::move(deoptimise(clip, recorded, loss, options()).runs[0]);
  std::vector<float> state(run.state.size(), 0.0f);
  const CellGrid grid = GetParam() == Variable::kPixels
                            ? planes_of_cells(20, 16, 3)
                            : cells_of_channels(5, 4, run.state.width());
  ASSERT_EQ(run.state.rows(), grid.cells());
  for (std::int64_t c = 0; c < grid.cells(); ++c) {
    for (std::int64_t k = 0; k < grid.channels; ++k) {
      state[std::size_t(grid.at(c, k))] = run.state.row(c)[std::size_t(k)];
    }
  }
  EXPECT_NEAR(loss_at(loss, state), run.losses.back(), 1e-6 * std::abs(run.losses.back()));
}

TEST_P(Deoptimise, PenaltiesReduceTheChange) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDot);
  DeoptimisationOptions free = options();
  free.steps = 30;
  DeoptimisationOptions held = free, smooth = free, blurred = free;
  held.l2 = 50;
  smooth.variation = 50;
  blurred.low_pass = 1;
  const auto measure = [&](const DeoptimisationOptions& changed) {
    const Deoptimisation result = deoptimise(clip, recorded, loss, changed);
    const Tensor& change = result.runs[0].change;
    const CellGrid grid = cells_of_channels(result.rows, result.columns, change.width());
    double squares = 0;
    for (const float value : change.values()) squares += double(value) * double(value);
    return std::pair{squares, total_variation(change.values(), grid) / squares};
  };
  const auto [free_size, free_roughness] = measure(free);
  EXPECT_LT(measure(held).first, 0.5 * free_size);
  EXPECT_LT(measure(smooth).second, 0.9 * free_roughness);
  EXPECT_LT(measure(blurred).second, 0.9 * free_roughness);
}

TEST_P(Deoptimise, RunsOfABatchEqualSingleRunsBitForBit) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDotSquared);
  DeoptimisationOptions many = options();
  many.restarts = 7;
  many.controls = 3;  // more runs than one batch
  many.seed = 11;
  std::map<int, std::vector<float>> alone;
  const Deoptimisation together = deoptimise(clip, recorded, loss, many);
  many.restarts = 1;
  const Deoptimisation few = deoptimise(clip, recorded, loss, many);
  ASSERT_EQ(together.runs.size(), 10U);
  EXPECT_TRUE(testing::all_close(together.runs[0].change.values(), few.runs[0].change.values(), 0));
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_TRUE(few.runs[1 + c].control);
    EXPECT_TRUE(testing::all_close(together.runs[7 + c].change.values(),
                                   few.runs[1 + c].change.values(), 0));
  }
}

TEST_P(Deoptimise, RestartsDependOnTheSeed) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDotSquared);
  DeoptimisationOptions many = options();
  many.restarts = 2;
  const double first = deoptimise(clip, recorded, loss, many).runs[1].losses[0];
  EXPECT_EQ(deoptimise(clip, recorded, loss, many).runs[1].losses[0], first);
  many.seed = 1;
  const Deoptimisation other = deoptimise(clip, recorded, loss, many);
  EXPECT_NE(other.runs[1].losses[0], first);
  EXPECT_NE(other.runs[0].losses[0], first);
  many.noise = 0;
  EXPECT_EQ(deoptimise(clip, recorded, loss, many).runs[1].losses[0], other.runs[0].losses[0]);
}

TEST_P(Deoptimise, ControlsUseARandomVectorOfTheSameLength) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kPositiveSquared);
  DeoptimisationOptions with = options();
  with.controls = 2;
  const Deoptimisation result = deoptimise(clip, recorded, loss, with);
  const auto length = [](const std::vector<float>& v) {
    double squares = 0;
    for (const float value : v) squares += double(value) * double(value);
    return std::sqrt(squares);
  };
  EXPECT_FALSE(result.runs[0].control);
  EXPECT_EQ(result.runs[0].vector, loss.vector);
  for (std::size_t c = 1; c < 3; ++c) {
    EXPECT_TRUE(result.runs[c].control);
    EXPECT_NEAR(length(result.runs[c].vector), length(loss.vector), 1e-5);
    const DeoptimisationLoss control{"control", loss.form, result.runs[c].vector};
    EXPECT_EQ(control.along(recorded.embedding()) > 0, loss.along(recorded.embedding()) > 0);
    EXPECT_NEAR(control.value(recorded.embedding()), result.runs[c].losses[0],
                1e-5 * result.runs[c].losses[0]);
  }
  EXPECT_NE(result.runs[1].vector, result.runs[2].vector);
}

TEST_P(Deoptimise, DivergingRunEndsWithItsLastFiniteState) {
  const DeoptimisationLoss loss = tiny_loss(LossForm::kDotSquared);
  DeoptimisationOptions wild = options();
  wild.steps = 5;
  wild.rate = 1e30;
  wild.controls = 1;
  const Deoptimisation result = deoptimise(clip, recorded, loss, wild);
  for (const DeoptimisationRun& run : result.runs) {
    ASSERT_TRUE(run.diverged.has_value());
    EXPECT_EQ(run.losses.size(), std::size_t(*run.diverged) + 1);
    for (const float value : run.state.values()) ASSERT_TRUE(std::isfinite(value));
  }
  // The first step overflows, so the state is the start.
  EXPECT_EQ(*result.runs[0].diverged, 0);
  EXPECT_EQ(testing::largest(result.runs[0].change.values()), 0);
}

TEST_P(Deoptimise, DivergingRunsDoNotChangeTheOthers) {
  DeoptimisationLoss loss = tiny_loss(LossForm::kPositiveSquared);
  if (loss.along(recorded.embedding()) > 0) {
    for (float& value : loss.vector) value = -value;
  }
  DeoptimisationOptions wild = options();
  wild.restarts = 16;
  wild.noise = 10;
  wild.rate = 1e30;
  const Deoptimisation result = deoptimise(clip, recorded, loss, wild);
  // For negative products the loss has no slope, so such runs do not move.
  EXPECT_FALSE(result.runs[0].diverged);
  EXPECT_EQ(result.runs[0].losses, (std::vector<double>{0, 0, 0, 0}));
  EXPECT_TRUE(std::ranges::any_of(
      result.runs, [](const DeoptimisationRun& run) { return run.diverged.has_value(); }));
}

TEST_P(Deoptimise, RefusesAStartWithANonFiniteEmbedding) {
  DeoptimisationOptions far = options();
  far.restarts = 2;
  far.noise = 1e30;
  EXPECT_TRUE(
      mentions(error_of([&] { deoptimise(clip, recorded, tiny_loss(LossForm::kDot), far); }),
               {"vision.embedding", "run 1", "before the first step"}));
}

TEST_P(Deoptimise, ObserverIsCalledForEveryStepAndTheEnd) {
  DeoptimisationOptions seen = options();
  std::vector<int> steps;
  std::vector<double> losses;
  seen.observe = [&](const DeoptimisationStep& step) {
    EXPECT_EQ(step.run, 0);
    EXPECT_EQ(step.gradient.empty(), step.step == 3);
    steps.push_back(step.step);
    losses.push_back(step.loss);
  };
  const Deoptimisation result = deoptimise(clip, recorded, tiny_loss(LossForm::kDot), seen);
  EXPECT_EQ(steps, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(losses, result.runs[0].losses);
}

TEST_P(Deoptimise, SnapshotsOfTheFirstRunAreSpreadOverTheSteps) {
  DeoptimisationOptions kept = options();
  kept.steps = 7;
  kept.controls = 1;
  kept.snapshots = 4;
  const Deoptimisation result = deoptimise(clip, recorded, tiny_loss(LossForm::kDot), kept);
  std::vector<int> steps;
  for (const DeoptimisationSnapshot& snapshot : result.runs[0].snapshots) {
    steps.push_back(snapshot.step);
  }
  EXPECT_EQ(steps, (std::vector<int>{0, 3, 5, 7}));
  EXPECT_EQ(testing::largest(result.runs[0].snapshots[0].change.values()), 0);
  EXPECT_TRUE(testing::all_close(result.runs[0].snapshots[3].change.values(),
                                 result.runs[0].change.values(), 0));
  EXPECT_TRUE(result.runs[1].snapshots.empty());
  kept.snapshots = 100;
  EXPECT_EQ(deoptimise(clip, recorded, tiny_loss(LossForm::kDot), kept).runs[0].snapshots.size(),
            8U);
}

TEST_P(Deoptimise, CanBeCancelled) {
  DeoptimisationOptions stopped = options();
  stopped.progress = [](std::string_view, std::int64_t done, std::int64_t) { return done < 2; };
  EXPECT_THROW(deoptimise(clip, recorded, tiny_loss(LossForm::kDot), stopped), Cancelled);
}

TEST_P(Deoptimise, RefusesOptionsOutOfRangeByName) {
  const auto with = [&](auto change) {
    DeoptimisationOptions wrong = options();
    change(wrong);
    return error_of([&] { deoptimise(clip, recorded, tiny_loss(LossForm::kDot), wrong); });
  };
  EXPECT_TRUE(mentions(with([](auto& o) { o.steps = 0; }), {"steps", "at least 1, got 0"}));
  EXPECT_TRUE(mentions(with([](auto& o) { o.rate = 0; }), {"learning rate", "got 0"}));
  EXPECT_TRUE(mentions(with([](auto& o) { o.restarts = 0; }), {"restarts"}));
  EXPECT_TRUE(mentions(with([](auto& o) { o.l2 = -1; }), {"l2", "-1"}));
  EXPECT_TRUE(mentions(with([](auto& o) { o.variation = NAN; }), {"variation", "nan"}));
  EXPECT_TRUE(mentions(with([](auto& o) { o.low_pass = -0.5; }), {"low pass", "-0.5"}));
}

TEST(PlanesOf, StoresOneChannelAfterTheOther) {
  EXPECT_EQ(planes_of(Tensor::from(3, 2, std::vector<float>{1, 10, 2, 20, 3, 30})),
            (std::vector<float>{1, 2, 3, 10, 20, 30}));
}

TEST(ByPatch, IsTheMeanOverThePixelsOfEachPatch) {
  const std::vector<float> cells{1, 3, 0, 0, 5, 7, 0, 4};
  EXPECT_EQ(by_patch(cells, 4, {1, 2, {}}), (std::vector<float>{4, 1}));
  EXPECT_EQ(by_patch(cells, 4, {2, 4, {}}), cells);
  EXPECT_TRUE(mentions(error_of([&] { by_patch(cells, 4, {1, 3, {}}); }), {"map", "1 × 3"}));
}

}  // namespace deoptimisation_test
}  // namespace whyclip
