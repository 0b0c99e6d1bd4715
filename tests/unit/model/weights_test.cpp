#include "whyclip/model/weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace weights_test {

using testing::error_of;
using testing::mentions;
using Tensors = std::vector<TensorToWrite>;

ClipConfig config() {
  return parse_hugging_face_config(testing::tiny_config(ActivationKind::kQuickGelu), "config.json");
}

TensorToWrite& named(Tensors& tensors, const std::string& name) {
  return *std::ranges::find(tensors, name, &TensorToWrite::name);
}

const std::string kQuery = "vision_model.encoder.layers.1.self_attn.q_proj.weight";

class WeightsOf : public ::testing::Test {
 protected:
  /// The error message for a checkpoint of these tensors when checking the image tower's weights.
  std::string checking(const Tensors& changed) {
    testing::write_tiny_checkpoint(folder.path(), {}, changed);
    const ModelFiles files = ModelFiles::open(folder.path());
    return error_of([&] { Weights(files, vision_weights(config())); });
  }

  /// The error message for the values of a parameter.
  std::string loading(const Tensors& changed, const char* name) {
    testing::write_tiny_checkpoint(folder.path(), {}, changed);
    const ModelFiles files = ModelFiles::open(folder.path());
    const Weights weights(files, vision_weights(config()));
    return error_of([&] { weights.load(name); });
  }

  Tensors tensors = testing::tiny_tensors();
  testing::TemporaryFolder folder;
  std::string file = (folder.path() / "model.safetensors").string();
};

TEST_F(WeightsOf, ACompleteCheckpointAreRead) {
  testing::write_tiny_checkpoint(folder.path());
  const ModelFiles files = ModelFiles::open(folder.path());

  const Weights weights(files, vision_weights(config()));

  EXPECT_TRUE(testing::all_close(weights.load("vision.blocks.1.q.weight"),
                                 named(tensors, kQuery).values, 0));
}

TEST_F(WeightsOf, ACheckpointWithoutATensorNameIt) {
  std::erase_if(tensors, [](const auto& tensor) { return tensor.name == kQuery; });

  EXPECT_TRUE(mentions(checking(tensors), {folder.path().string(), kQuery + " is missing"}));
}

TEST_F(WeightsOf, ACheckpointWithoutSeveralTensorsNameTheFirstAndCountTheOthers) {
  std::erase_if(tensors, [](const auto& tensor) {
    return tensor.name.find("layers.1.self_attn.") != std::string::npos &&
           tensor.name.starts_with("vision_model");
  });

  EXPECT_TRUE(mentions(checking(tensors), {kQuery, "and 7 more"}));
}

TEST_F(WeightsOf, AnotherShapeAreRejectedWithBothShapes) {
  TensorToWrite& query = named(tensors, kQuery);
  query.shape = {12, 48};

  EXPECT_TRUE(mentions(checking(tensors), {file, kQuery, "[24, 24]", "[12, 48]"}));
}

TEST_F(WeightsOf, AnotherNumberOfAxesAreRejected) {
  TensorToWrite& query = named(tensors, kQuery);
  query.shape = {576};

  EXPECT_TRUE(mentions(checking(tensors), {file, kQuery, "[24, 24]", "[576]"}));
}

TEST_F(WeightsOf, IntegerTypeAreRejected) {
  testing::write_tiny_checkpoint(folder.path(), {}, tensors);
  std::string bytes = read_text(file);
  const std::size_t at = bytes.find("\"F32\"", bytes.find(kQuery));
  bytes.replace(at, 5, "\"I32\"");
  write_file(file, bytes);
  const ModelFiles files = ModelFiles::open(folder.path());

  EXPECT_TRUE(mentions(error_of([&] { Weights(files, vision_weights(config())); }),
                       {file, kQuery, "F32, F16 or BF16", "I32"}));
}

TEST_F(WeightsOf, NaNAreRejectedWithTheTensor) {
  named(tensors, kQuery).values[5] = std::numeric_limits<float>::quiet_NaN();

  EXPECT_TRUE(mentions(loading(tensors, "vision.blocks.1.q.weight"), {file, kQuery, "NaN"}));
}

TEST_F(WeightsOf, InfinityAreRejectedWithTheTensor) {
  named(tensors, kQuery).values[575] = -std::numeric_limits<float>::infinity();

  EXPECT_TRUE(mentions(loading(tensors, "vision.blocks.1.q.weight"), {file, kQuery, "infinite"}));
}

TEST_F(WeightsOf, OneParameterDoNotDependOnADamagedOne) {
  named(tensors, kQuery).values[5] = std::numeric_limits<float>::quiet_NaN();

  EXPECT_EQ(loading(tensors, "vision.blocks.1.k.weight"), "(no error)");
}

TEST_F(WeightsOf, AScalarMayBeStoredAsOneValue) {
  named(tensors, "logit_scale").shape = {1};
  testing::write_tiny_checkpoint(folder.path(), {}, tensors);
  const ModelFiles files = ModelFiles::open(folder.path());

  const Weights weights(files, text_weights(config()));

  EXPECT_EQ(weights.load("text.logit_scale"), std::vector<float>{4.6052f});
}

TEST_F(WeightsOf, AnUnknownParameterAreRejected) {
  testing::write_tiny_checkpoint(folder.path());
  const ModelFiles files = ModelFiles::open(folder.path());
  const Weights weights(files, vision_weights(config()));

  EXPECT_TRUE(mentions(error_of([&] { weights.load("vision.nothing"); }), {"vision.nothing"}));
}

}  // namespace weights_test
}  // namespace whyclip
