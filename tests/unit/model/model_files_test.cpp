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

TEST_F(Files, WithoutAShardAreRejectedWithItsPath) {
  write(TinyForm::kSharded);
  fs::remove(path / "model-00002-of-00002.safetensors");

  EXPECT_TRUE(mentions(opening(path), {(path / "model-00002-of-00002.safetensors").string(),
                                       "this shard is missing"}));
}

TEST_F(Files, WithShardsInAnotherFolderAreRejected) {
  write(TinyForm::kSharded);
  write_file(path / "model.safetensors.index.json",
             R"({"weight_map": {"logit_scale": "../elsewhere.safetensors"}})");

  EXPECT_TRUE(mentions(opening(path),
                       {"model.safetensors.index.json: weight_map", "logit_scale", "file name"}));
}

TEST_F(Files, WithAShardThatIsNoNameAreRejected) {
  write(TinyForm::kSharded);
  for (const char* shard : {"\"..\"", "\"\"", "3", "\"/etc/passwd\"", "\"a/b\""}) {
    write_file(path / "model.safetensors.index.json",
               std::string(R"({"weight_map": {"logit_scale": )") + shard + "}}");
    EXPECT_TRUE(mentions(opening(path), {"weight_map", "logit_scale", "file name"})) << shard;
  }
}

TEST_F(Files, WithAnIndexThatExpectsATensorElsewhereAreRejected) {
  write(TinyForm::kSharded);
  write_file(path / "model.safetensors.index.json",
             R"({"weight_map": {"nothing": "model-00001-of-00002.safetensors"}})");

  EXPECT_TRUE(mentions(opening(path), {"model-00001-of-00002.safetensors", "tensor nothing",
                                       "model.safetensors.index.json"}));
}

TEST_F(Files, WithATensorInTwoShardsAreRejected) {
  write(TinyForm::kSharded);
  fs::copy_file(path / "model-00001-of-00002.safetensors",
                path / "model-00002-of-00002.safetensors", fs::copy_options::overwrite_existing);
  const TensorFile first = TensorFile::open(path / "model-00001-of-00002.safetensors");
  const std::string tensor = first.tensors().begin()->first;
  write_file(path / "model.safetensors.index.json",
             R"({"weight_map": {")" + tensor + R"(": "model-00001-of-00002.safetensors", ")" +
                 first.tensors().rbegin()->first + R"(": "model-00002-of-00002.safetensors"}})");

  EXPECT_TRUE(mentions(opening(path), {"model-00002-of-00002.safetensors", tensor,
                                       "in this shard and in model-00001-of-00002.safetensors"}));
}

// The weights are damaged, and nobody looks at them.
TEST_F(Files, OfAnotherFamilyAreRefusedBeforeTheirWeightsAreOpened) {
  write_file(path / "config.json", std::string_view(R"({"model_type": "siglip"})"));
  write_file(path / "model.safetensors", std::string_view("x"));

  EXPECT_TRUE(mentions(opening(path), {"config.json", "a SigLIP model", "pooling head"}));
}

TEST_F(Files, SayInWordsWhatTheyAre) {
  write(TinyForm::kHuggingFace);
  EXPECT_EQ(ModelFiles::open(path).in_words(), "Hugging Face: config.json, model.safetensors");

  fs::remove(path / "model.safetensors");
  write(TinyForm::kSharded);
  EXPECT_EQ(ModelFiles::open(path).in_words(),
            "Hugging Face: config.json, model-00001-of-00002.safetensors and 1 more shards");
}

TEST_F(Files, OfACacheAreReadThroughTheirLinks) {
  testing::write_tiny_checkpoint(path / "blobs");
  fs::create_directories(path / "snapshots/abc");
  for (const char* name : {"config.json", "preprocessor_config.json", "model.safetensors",
                           "vocab.json", "merges.txt"}) {
    const std::string blob = "hash-of-" + std::to_string(std::string(name).size());
    fs::rename(path / "blobs" / name, path / "blobs" / (blob + name[0]));
    fs::create_symlink("../../blobs/" + blob + name[0], path / "snapshots/abc" / name);
  }

  const ModelFiles folder_files = ModelFiles::open(path);
  const ModelFiles file = ModelFiles::open(path / "snapshots/abc/model.safetensors");

  EXPECT_TRUE(folder_files.find("logit_scale").has_value());
  EXPECT_EQ(file.config_file(), "config.json");
  EXPECT_TRUE(file.has("preprocessor_config.json"));
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

TEST_F(Files, OfOpenClipWithoutItsConfigHaveNone) {
  write(TinyForm::kOpenClip);
  fs::remove(path / "open_clip_config.json");
  write_file(path / "config.json", testing::tiny_config(ActivationKind::kQuickGelu));

  const ModelFiles files = ModelFiles::open(path / "open_clip_model.safetensors");
  EXPECT_EQ(files.layout(), CheckpointLayout::kOpenClip);
  EXPECT_EQ(files.config_file(), "");  // it is inferred
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
