// A score as a sum over channels, against PyTorch's embeddings and logits.

#include "whyclip/attribution/inspection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/golden.h"
#include "tests/support/toons.h"

namespace whyclip {
namespace inspection_test {

using testing::Golden;
using testing::toons;

class Inspected : public ::testing::TestWithParam<testing::ToonsCase> {
 protected:
  Golden golden{std::string("toons/") + GetParam().image};
};

TEST_P(Inspected, EmbeddingsOfPyTorchGiveTheLogitsOfPyTorch) {
  const std::vector<float> z = golden.floats("embedding"), logits = golden.floats("logits"),
                           texts = Golden("toons/prompts").floats("text_embedding");
  const std::vector<double> image(z.begin(), z.end());
  for (std::size_t p = 0; p < logits.size(); p += 37) {
    const auto begin = texts.begin() + std::ptrdiff_t(p * image.size());
    const std::vector<double> text(begin, begin + std::ptrdiff_t(image.size()));
    double square = 0;
    for (const double value : text) square += value * value;

    const Inspection i = inspect(image, text, std::sqrt(square), toons().logit_scale());

    // Embeddings and logits were rounded to float32; logits are up to about 40.
    EXPECT_NEAR(i.logit, double(logits[p]), 1e-5) << p;
    EXPECT_NEAR(i.sum, double(logits[p]), 1e-5) << p;
  }
}

TEST_P(Inspected, EveryKindOfTargetGivesTheGoldenLogit) {
  const std::vector<float> z = golden.floats("embedding");
  for (const char* kind : {"prompt", "class", "contrast"}) {
    const Target target = testing::toons_target(GetParam(), kind);

    const Inspection i = inspect(toons(), testing::toons_classes(), target, z);

    // The text side is whyclip's, in float32: the tolerance of the towers (toons_test.cpp).
    const double expected = golden.floats(std::string("ledger.") + kind + ".target")[0];
    EXPECT_NEAR(i.logit, expected, 1e-4) << kind;
    EXPECT_NEAR(i.sum, expected, 1e-4) << kind;
  }
}

INSTANTIATE_TEST_SUITE_P(Toons, Inspected, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace inspection_test
}  // namespace whyclip
