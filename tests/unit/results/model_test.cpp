#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "whyclip/describe_model.h"

namespace whyclip {
namespace model_result_test {

using testing::error_of;
using testing::mentions;

TEST(DescribeModel, HasTheConfigurationOfBothTowers) {
  const Clip clip = Clip::embedded();
  const ModelDescription model = describe_model(clip);
  EXPECT_EQ(model.vision.tower.width, clip.config().vision.tower.width);
  EXPECT_EQ(model.text.context_length, clip.config().text.context_length);
  EXPECT_EQ(model.parameters, clip.parameter_count());
  EXPECT_EQ(model.notes.size(), 1U);  // the embedded model knows drawings only
}

TEST(ModelJson, HasTheDigitsOfTheConfiguration) {
  const Clip clip = Clip::embedded();
  const auto& mean = clip.preprocess_config().mean;

  EXPECT_EQ(describe_model(clip).preprocess.mean, (std::vector<double>{mean.begin(), mean.end()}));
}

TEST(ModelJson, LosesNothing) {
  const std::string text = to_json(describe_model(Clip::embedded()));
  EXPECT_EQ(to_json(model_from_json(text)), text);
  EXPECT_TRUE(text.find("\"format\": \"whyclip model 1\"") != text.npos);
}

TEST(ModelJson, CutOffIsRefusedByName) {
  const std::string text = to_json(describe_model(Clip::embedded()));
  EXPECT_TRUE(
      mentions(error_of([&] { model_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace model_result_test
}  // namespace whyclip
