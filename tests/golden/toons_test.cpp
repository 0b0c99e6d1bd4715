// The towers against PyTorch on the embedded model: trace point by trace point, then the scores.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/threads.h"
#include "whyclip/clip.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/zero_shot.h"

namespace whyclip {
namespace toons_test {

using testing::all_close;
using testing::Golden;

/// float32 against float64: 5 blocks of width 128, activations up to about 30.
constexpr double kActivationTolerance = 1e-4;
constexpr double kLogitTolerance = 1e-4;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

PixelBatch golden_pixels(const Golden& golden) {
  const std::vector<float> pixels = golden.floats("pixels");
  return {Tensor::from(1, std::int64_t(pixels.size()), pixels), 12, 12};
}

class Toons : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden{std::string("toons/") + GetParam()};
  Workspace workspace{testing::threads()};
};

TEST_P(Toons, EveryTracePointEqualsPyTorch) {
  Record record;
  Trace trace(workspace, record);
  toons().vision().forward(trace, golden_pixels(golden), LastBlock::kAllRows);
  for (const std::string point :
       {"embedded", "blocks.0.resid_post", "blocks.1.resid_post", "blocks.2.resid_post",
        "blocks.3.resid_post", "blocks.4.resid_post", "blocks.0.pattern", "blocks.4.pattern",
        "pooled", "embedding"}) {
    EXPECT_TRUE(all_close(record.at("vision." + point).values(), golden.floats(point),
                          kActivationTolerance))
        << point;
  }
}

TEST_P(Toons, InferenceWithoutRecordingGivesTheSameEmbedding) {
  Trace trace(workspace);
  const Value embedding =
      toons().vision().forward(trace, golden_pixels(golden), LastBlock::kPooledOnly);
  EXPECT_TRUE(all_close(embedding->values(), golden.floats("embedding"), kActivationTolerance));
}

TEST_P(Toons, LogitsOfAllPromptsAndClassesEqualPyTorch) {
  const testing::GoldenPrompts prompts = testing::golden_prompts();
  static const ZeroShot zero_shot =
      zero_shot_classes(toons(), prompts.classes, imagenet_templates());
  Trace trace(workspace);
  const Value embedding =
      toons().vision().forward(trace, golden_pixels(golden), LastBlock::kPooledOnly);
  const Scores scores = score(toons(), zero_shot, embedding->row(0));
  std::vector<float> logits, class_logits;
  for (const PromptScore& s : scores.prompts) logits.push_back(float(s.logit));
  for (const ClassScore& s : scores.classes) class_logits.push_back(float(s.logit));
  EXPECT_TRUE(all_close(logits, golden.floats("logits"), kLogitTolerance));
  EXPECT_TRUE(all_close(class_logits, golden.floats("class_logits"), kLogitTolerance));
}

TEST_P(Toons, GradientRulesGiveTheGradientsOfPyTorch) {
  const testing::GoldenPrompts prompts = testing::golden_prompts();
  static const ZeroShot zero_shot =
      zero_shot_classes(toons(), prompts.classes, imagenet_templates());
  const std::string meta = golden.file().metadata().at("meta");
  const auto named = std::find_if(prompts.classes.begin(), prompts.classes.end(), [&](auto& name) {
    return meta.find("\"first\": \"" + name + "\"") != std::string::npos;
  });
  ASSERT_NE(named, prompts.classes.end()) << meta;
  std::vector<float> seed(128);
  std::ranges::transform(zero_shot.class_embeddings.row(named - prompts.classes.begin()),
                         seed.begin(), [](float v) { return v * toons().logit_scale(); });

  Record record;
  Trace trace(workspace, record);
  const Value embedding =
      toons().vision().forward(trace, golden_pixels(golden), LastBlock::kAllRows);
  trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {embedding});
  // class.grad_embedded in the same file is not used: it disagrees with class.grad_pixels
  // (tests/golden/README.md).
  const BackwardResult backward =
      propagate_backward(workspace, record, gradient_rules(), "vision.normalized",
                         Tensor::from(1, 128, seed), {"vision.pixels"});
  const std::vector<float> expected = golden.floats("class.grad_pixels");
  EXPECT_TRUE(all_close(backward.gradients.at("vision.pixels").values(), expected,
                        1e-4 * testing::largest(expected)));
}

INSTANTIATE_TEST_SUITE_P(Golden, Toons, ::testing::ValuesIn(testing::kToonsCases),
                         [](const auto& case_info) { return std::string(case_info.param); });

TEST(ToonsText, PromptEmbeddingsEqualPyTorch) {
  const Golden golden("toons/prompts");
  const Tensor embeddings = toons().encode_text(testing::golden_prompts().prompts);

  EXPECT_TRUE(
      all_close(embeddings.values(), golden.floats("text_embedding"), kActivationTolerance));
}

}  // namespace toons_test
}  // namespace whyclip
