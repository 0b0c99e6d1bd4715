// Deoptimisation (descent of the score) as a method, on the tiny model.

#include "whyclip/article/deoptimisation_method.h"

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/image/by_patch.h"

namespace whyclip {
namespace deoptimisation_method_test {

using testing::all_close;
using testing::largest;
using testing::mentions;

class DeoptimisationMethod : public testing::MethodsOfTiny {};

TEST_F(DeoptimisationMethod, DeoptimisationEqualsTheDescentOfItsLoss) {
  const Target& target = context.target();
  const double scale = clip.logit_scale();
  DeoptimisationLoss loss{"any", LossForm::kDotSquared, {}};
  for (const float v : target.direction) loss.vector.push_back(float(double(v) / scale));
  const auto expected = [&](DeoptimisationOptions options, ChannelReduction reduction) {
    options.controls = 0;
    const DeoptimisationRuns result = deoptimise(clip, context.recorded(), loss, options);
    return by_patch(reduce_channels(reduction, result.runs[0].change, result.columns),
                    result.columns, context.grid());
  };
  EXPECT_EQ(patches("deoptimisation"), expected({}, ChannelReduction::kNorm));
  loss.form = LossForm::kPositiveSquared;
  EXPECT_EQ(
      patches("deoptimisation", {{"variable", "pixels"},
                                 {"loss", "positive"},
                                 {"steps", "2"},
                                 {"rate", "0.1"},
                                 {"reduction", "max"}}),
      expected({.variable = Variable::kPixels, .steps = 2, .rate = 0.1}, ChannelReduction::kMax));
  loss.form = LossForm::kCosine;
  loss.vector = target.direction;
  EXPECT_EQ(patches("deoptimisation", {{"loss", "logit"}, {"optimiser", "adam"}}),
            expected({.optimiser = Optimiser::kAdam}, ChannelReduction::kNorm));
}

TEST_F(DeoptimisationMethod, TheMeanChannelReductionOfPlainDescentIsZeroWithAReason) {
  const Attribution result =
      attribution("deoptimisation", {{"reduction", "mean"}, {"steps", "20"}, {"rate", "0.1"}});
  EXPECT_EQ(result.patches, std::vector<float>(16, 0.0f));
  EXPECT_TRUE(mentions(result.notes.at(0), {"no map", "is zero", "layer norm", "adam"}));
}

TEST_F(DeoptimisationMethod, AStepOfRoundingSizeGivesZerosWithAReason) {
  for (const char* reduction : {"norm", "max", "most-varied", "boosted"}) {
    const Attribution result =
        attribution("deoptimisation", {{"rate", "1e-9"}, {"reduction", reduction}});
    EXPECT_EQ(result.patches, std::vector<float>(16, 0.0f)) << reduction;
    EXPECT_TRUE(mentions(result.notes.at(0), {"no map", "rounding", "larger rate"})) << reduction;
  }
}

/// One step of plain descent changes every patch by its gradient.
TEST_F(DeoptimisationMethod, OneStepOfDeoptimisationOfTheLogitIsSaliency) {
  const std::vector<float> map = patches("deoptimisation", {{"loss", "logit"}, {"steps", "1"}});
  std::vector<float> gradient = patches("saliency", {{"channels", "norm"}});
  for (float& value : gradient) value *= 0.01f;
  // The change is a difference of float32 values that are a hundred times larger.
  EXPECT_TRUE(all_close(map, gradient, 1e-4 * largest(gradient)));
}

TEST(DeoptimisationMethods, DoNotDependOnTheNumberOfThreads) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {});
  const Method method = deoptimisation_method();
  const auto run = [&](int threads) {
    const Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
    ExplanationContext context(clip, testing::tiny_image(16, 20), testing::tiny_targets()[0]);
    return method.run(context, MethodSettings(method.info), {}).patches;
  };
  const std::vector<float> one = run(1);
  EXPECT_EQ(one.size(), 20u);
  EXPECT_EQ(one, run(2));
  EXPECT_EQ(one, run(3));
}

TEST_F(DeoptimisationMethod, CanBeCancelled) {
  const Method method = deoptimisation_method();
  EXPECT_THROW(method.run(context, MethodSettings(method.info), [](auto...) { return false; }),
               Cancelled);
}

}  // namespace deoptimisation_method_test
}  // namespace whyclip
