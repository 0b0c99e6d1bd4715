#include "whyclip/model/model_files.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace model_files_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;
using testing::TinyForm;

class Files : public ::testing::Test {
 protected:
  void write(TinyForm form) { testing::write_tiny_checkpoint(path, {.form = form}); }
  std::string opening(const fs::path& what) const {
    return error_of([&] { ModelFiles::open(what); });
  }

  testing::TemporaryFolder folder;
  fs::path path = folder.path();
};

TEST_F(Files, OfAMissingFolderAreRejectedWithItsPath) {
  EXPECT_TRUE(mentions(opening(path / "none"), {(path / "none").string(), "no such checkpoint"}));
}

TEST_F(Files, WithoutAConfigAreRejected) {
  write(TinyForm::kHuggingFace);
  fs::remove(path / "config.json");

  EXPECT_TRUE(mentions(opening(path), {path.string(), "no config.json", "open_clip_config.json"}));
}

TEST_F(Files, WithOnlyPyTorchWeightsMustBeConverted) {
  write(TinyForm::kHuggingFace);
  fs::rename(path / "model.safetensors", path / "pytorch_model.bin");

  EXPECT_TRUE(mentions(opening(path), {path.string(), "pytorch_model.bin", "safetensors"}));
}

TEST_F(Files, WithoutAShardAreRejectedWithItsPath) {
  write(TinyForm::kSharded);
  fs::remove(path / "model-00002-of-00002.safetensors");

  EXPECT_TRUE(mentions(opening(path), {(path / "model-00002-of-00002.safetensors").string()}));
}

TEST_F(Files, WithShardsInAnotherFolderAreRejected) {
  write(TinyForm::kSharded);
  write_file(path / "model.safetensors.index.json",
             R"({"weight_map": {"logit_scale": "../elsewhere.safetensors"}})");

  EXPECT_TRUE(mentions(opening(path),
                       {"model.safetensors.index.json: weight_map", "logit_scale", "file name"}));
}

TEST_F(Files, WithoutAWeightMapAreRejected) {
  write(TinyForm::kSharded);
  write_file(path / "model.safetensors.index.json", "{}");

  EXPECT_TRUE(mentions(opening(path), {"model.safetensors.index.json: weight_map", "missing"}));
}

TEST_F(Files, OfAShardedCheckpointAreAllFound) {
  write(TinyForm::kSharded);
  const ModelFiles files = ModelFiles::open(path);

  EXPECT_EQ(files.weights().size(), 2u);
  EXPECT_TRUE(files.find("logit_scale").has_value());
  EXPECT_TRUE(files.find("vision_model.embeddings.class_embedding").has_value());
  EXPECT_FALSE(files.find("nothing").has_value());
}

TEST_F(Files, OfOpenClipWithSeveralWeightFilesAreRejected) {
  write(TinyForm::kOpenClip);
  fs::rename(path / "open_clip_model.safetensors", path / "a.safetensors");
  fs::copy(path / "a.safetensors", path / "b.safetensors");

  EXPECT_TRUE(mentions(opening(path), {path.string(), "found 2", "name the file"}));
}

TEST_F(Files, OfOpenClipWithoutItsConfigAreRejected) {
  write(TinyForm::kOpenClip);
  fs::remove(path / "open_clip_config.json");
  write_file(path / "config.json", testing::tiny_config(ActivationKind::kQuickGelu));

  EXPECT_TRUE(mentions(opening(path / "open_clip_model.safetensors"),
                       {"open_clip", "open_clip_config.json is missing"}));
}

TEST_F(Files, OfAnotherKindAreRejected) {
  write(TinyForm::kHuggingFace);

  EXPECT_TRUE(mentions(opening(path / "vocab.json"),
                       {(path / "vocab.json").string(),
                        "expected a safetensors or PyTorch checkpoint, got a JSON document"}));
}

TEST_F(Files, HaveTheLayoutOfASingleFile) {
  write(TinyForm::kHuggingFace);
  EXPECT_EQ(ModelFiles::open(path / "model.safetensors").layout(), CheckpointLayout::kHuggingFace);

  write(TinyForm::kOpenClip);
  EXPECT_EQ(ModelFiles::open(path / "open_clip_model.safetensors").layout(),
            CheckpointLayout::kOpenClip);
}

TEST_F(Files, OfTheEmbeddedModelHaveAName) {
  const ModelFiles files = ModelFiles::embedded();

  EXPECT_EQ(files.name(), "toons (embedded)");
  EXPECT_TRUE(files.is_embedded());
  EXPECT_TRUE(mentions(error_of([&] { files.text("nothing.json"); }), {"nothing.json"}));
}

}  // namespace model_files_test
}  // namespace whyclip
