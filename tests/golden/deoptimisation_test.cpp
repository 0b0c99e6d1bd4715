// Deoptimisation of patch embeddings against PyTorch: plain descent at 0.01 for four steps.

#include "whyclip/article/deoptimisation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace deoptimisation_test {

using testing::all_close;
using testing::Golden;
using testing::toons;

class Deoptimisation : public ::testing::TestWithParam<testing::ToonsCase> {
 protected:
  /// The text embedding of the prompt target before normalisation.
  std::vector<float> text_embedding() const {
    const std::string prompt = testing::toons_target(GetParam(), "prompt").name;
    const Tensor t = toons().encode_text({&prompt, 1});
    return {t.values().begin(), t.values().end()};
  }

  DeoptimisationLoss loss(const std::string& name) const {
    std::vector<float> t = text_embedding();
    if (name == "feature") {
      std::vector<float> unit(t.size(), 0.0f);
      unit[std::size_t(golden.integers("deopt.feature_index")[0])] = 1;
      return {name, LossForm::kDotSquared, unit};
    }
    for (float& value : t) {
      if (name == "strong" && value < 0.75f) value = 0;
      if (name == "detractors" && value > -0.75f) value = 0;
    }
    return {name, name == "positive" ? LossForm::kPositiveSquared : LossForm::kDotSquared, t};
  }

  Golden golden{std::string("toons/") + GetParam().image};
};

TEST_P(Deoptimisation, GradientsStatesAndLossesOfFourPlainStepsEqualPyTorch) {
  const RecordedImage recorded(toons(), testing::toons_image(golden));
  for (const std::string name : {"dot_squared", "positive", "feature", "strong", "detractors"}) {
    const std::string prefix = "deopt." + name + ".";
    std::vector<float> gradient;
    DeoptimisationOptions options{.steps = 4, .rate = 0.01, .controls = 0};
    options.observe = [&](const DeoptimisationStep& step) {
      if (step.step == 0) gradient.assign(step.gradient.begin(), step.gradient.end());
    };
    const whyclip::Deoptimisation result = deoptimise(toons(), recorded, loss(name), options);
    const std::vector<float> expected = golden.floats(prefix + "first_gradient"),
                             after = golden.floats(prefix + "after4"),
                             losses = golden.floats(prefix + "losses");
    EXPECT_TRUE(all_close(gradient, expected, 1e-4 * testing::largest(expected))) << prefix;
    EXPECT_TRUE(all_close(result.runs[0].state.values(), after, 1e-4 * testing::largest(after)))
        << prefix;
    for (std::size_t s = 0; s < losses.size(); ++s) {
      EXPECT_NEAR(result.runs[0].losses[s], losses[s], 1e-4 * double(losses[0])) << prefix << s;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Deoptimisation, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace deoptimisation_test
}  // namespace whyclip
