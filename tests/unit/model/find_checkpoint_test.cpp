#include "whyclip/model/find_checkpoint.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace find_checkpoint_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;

constexpr const char* kClip = R"({"model_type": "clip"})";
constexpr const char* kTimm =
    R"({"architecture": "vit_base_patch32_clip_224", "num_classes": 512})";

class Checkpoint : public ::testing::Test {
 protected:
  /// Writes files whose content is not read.
  void touch(std::initializer_list<const char*> names) const {
    for (const char* name : names) write_file(path / name, std::string_view("x"));
  }
  void write(const char* name, const char* text) const {
    write_file(path / name, std::string_view(text));
  }
  CheckpointFiles found() const { return find_checkpoint(path); }
  std::string refusal() const {
    return error_of([&] { find_checkpoint(path); });
  }

  testing::TemporaryFolder folder;
  fs::path path = folder.path();
};

TEST_F(Checkpoint, OfHuggingFacePrefersOneSafetensorsFile) {
  write("config.json", kClip);
  touch({"pytorch_model.bin", "model.safetensors.index.json", "model.safetensors"});

  const CheckpointFiles files = found();

  EXPECT_EQ(files.layout, CheckpointLayout::kHuggingFace);
  EXPECT_EQ(files.config, "config.json");
  EXPECT_EQ(files.weights, path / "model.safetensors");
  EXPECT_FALSE(files.is_index);
  EXPECT_TRUE(files.notes.empty());
}

TEST_F(Checkpoint, OfHuggingFaceMayHaveShardsOrAPyTorchFile) {
  write("config.json", kClip);
  touch({"pytorch_model.bin.index.json"});
  EXPECT_EQ(found().weights, path / "pytorch_model.bin.index.json");
  EXPECT_TRUE(found().is_index);
  touch({"pytorch_model.bin"});
  EXPECT_EQ(found().weights, path / "pytorch_model.bin");
  touch({"model.safetensors.index.json"});
  EXPECT_EQ(found().weights, path / "model.safetensors.index.json");
}

TEST_F(Checkpoint, MayHaveOneFileWithAnotherName) {
  write("config.json", kClip);
  touch({"model.fp16.safetensors", "training_args.bin", "optimizer.pt"});

  EXPECT_EQ(found().weights, path / "model.fp16.safetensors");
  EXPECT_EQ(found().notes.size(), 1U);

  touch({"other.safetensors"});
  EXPECT_TRUE(mentions(refusal(), {path.string(), "found 2", "name the file itself"}));
}

TEST_F(Checkpoint, OfOpenClipPrefersSafetensors) {
  touch({"open_clip_config.json", "open_clip_pytorch_model.bin"});
  EXPECT_EQ(found().layout, CheckpointLayout::kOpenClip);
  EXPECT_EQ(found().weights, path / "open_clip_pytorch_model.bin");

  touch({"open_clip_model.safetensors"});

  EXPECT_EQ(found().weights, path / "open_clip_model.safetensors");
}

// laion/CLIP-ViT-B-32-laion2B-s34B-b79K.
TEST_F(Checkpoint, WithBothLayoutsIsThatOfHuggingFaceIfBothHaveSafetensors) {
  write("config.json", kClip);
  touch({"open_clip_config.json", "open_clip_model.safetensors", "model.safetensors"});

  const CheckpointFiles files = found();

  EXPECT_EQ(files.layout, CheckpointLayout::kHuggingFace);
  EXPECT_EQ(files.weights, path / "model.safetensors");
  ASSERT_EQ(files.notes.size(), 1U);
  EXPECT_TRUE(mentions(files.notes[0], {"config.json and model.safetensors are read",
                                        (path / "open_clip_model.safetensors").string()}));
}

TEST_F(Checkpoint, WithBothLayoutsIsTheOneThatHasSafetensors) {
  write("config.json", kClip);
  touch({"open_clip_config.json", "open_clip_model.safetensors", "open_clip_pytorch_model.bin",
         "pytorch_model.bin"});

  const CheckpointFiles files = found();

  EXPECT_EQ(files.layout, CheckpointLayout::kOpenClip);
  EXPECT_EQ(files.weights, path / "open_clip_model.safetensors");
  EXPECT_EQ(files.notes.size(), 1U);
}

TEST_F(Checkpoint, WithBothConfigsAndOneFileOfWeightsIsItsLayout) {
  write("config.json", kClip);
  touch({"open_clip_config.json", "open_clip_pytorch_model.bin"});
  EXPECT_EQ(found().layout, CheckpointLayout::kOpenClip);

  fs::rename(path / "open_clip_pytorch_model.bin", path / "pytorch_model.bin");

  EXPECT_EQ(found().layout, CheckpointLayout::kHuggingFace);
}

// timm/vit_base_patch32_clip_224.openai: model.safetensors is the image tower alone.
TEST_F(Checkpoint, BesideATimmConfigIsThatOfOpenClip) {
  write("config.json", kTimm);
  touch({"open_clip_config.json", "open_clip_model.safetensors", "model.safetensors"});

  const CheckpointFiles files = found();

  EXPECT_EQ(files.layout, CheckpointLayout::kOpenClip);
  EXPECT_EQ(files.weights, path / "open_clip_model.safetensors");
  ASSERT_EQ(files.notes.size(), 1U);
  EXPECT_TRUE(mentions(files.notes[0], {"timm"}));
}

TEST_F(Checkpoint, OfTimmAloneIsRefused) {
  write("config.json", kTimm);
  touch({"model.safetensors"});

  EXPECT_TRUE(mentions(refusal(), {"config.json", "timm's vit_base_patch32_clip_224"}));
}

TEST_F(Checkpoint, WithoutWeightsNamesWhatIsExpected) {
  write("config.json", kClip);
  EXPECT_TRUE(mentions(refusal(), {path.string(), "config.json", "model.safetensors"}));

  touch({"tf_model.h5"});

  EXPECT_TRUE(mentions(refusal(), {(path / "tf_model.h5").string(), "not supported"}));
}

TEST_F(Checkpoint, IsFoundByItsConfigOrIndex) {
  write("config.json", kClip);
  touch({"model.safetensors.index.json"});

  EXPECT_EQ(find_checkpoint(path / "config.json").weights, path / "model.safetensors.index.json");
  EXPECT_TRUE(find_checkpoint(path / "model.safetensors.index.json").is_index);
}

TEST_F(Checkpoint, OfSentenceTransformersIsInTheFolderOfItsModule) {
  write("modules.json", R"([{"idx": 0, "name": "0", "path": "0_CLIPModel",
                            "type": "sentence_transformers.models.CLIPModel"}])");
  write("0_CLIPModel/config.json", kClip);
  touch({"0_CLIPModel/model.safetensors"});

  EXPECT_EQ(found().folder, path / "0_CLIPModel");
  EXPECT_EQ(found().weights, path / "0_CLIPModel" / "model.safetensors");
}

TEST_F(Checkpoint, OfSentenceTransformersMayBeInTheSameFolder) {
  write("modules.json",
        R"([{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}])");
  write("config.json", kClip);
  touch({"model.safetensors"});

  EXPECT_EQ(found().folder, path);
}

TEST_F(Checkpoint, OfSentenceTransformersWithOtherModulesIsRefused) {
  write("modules.json",
        R"([{"path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"},
            {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}])");
  EXPECT_TRUE(mentions(refusal(), {"modules.json", "[1]", "Dense", "not supported"}));

  write("modules.json", R"([{"path": "../x", "type": "sentence_transformers.models.CLIPModel"}])");
  EXPECT_TRUE(mentions(refusal(), {"modules.json", "outside"}));

  write("modules.json", "[]");
  EXPECT_TRUE(mentions(refusal(), {"modules.json", "no module"}));
}

/// A repository in the Hugging Face cache: names in the snapshot are links to content with a hash
/// for a name and no ending.
TEST_F(Checkpoint, OfACacheIsTheSnapshotOfMain) {
  write("refs/main", "abc\n");
  write("blobs/1111", kClip);
  write("blobs/2222", "x");
  fs::create_directories(path / "snapshots/abc");
  fs::create_directories(path / "snapshots/old");
  fs::create_symlink("../../blobs/1111", path / "snapshots/abc/config.json");
  fs::create_symlink("../../blobs/2222", path / "snapshots/abc/model.safetensors");

  EXPECT_EQ(found().weights, path / "snapshots/abc/model.safetensors");
  EXPECT_EQ(found().folder, path / "snapshots/abc");
  // A file of weights keeps its companions: the link is not resolved.
  EXPECT_EQ(find_checkpoint(path / "snapshots/abc/model.safetensors").folder,
            path / "snapshots/abc");
}

TEST_F(Checkpoint, OfACacheWithoutItsSnapshotIsRefused) {
  write("refs/main", "abc");
  fs::create_directories(path / "snapshots/old");
  EXPECT_TRUE(mentions(refusal(), {"refs/main", "abc", "not in snapshots/"}));

  write("refs/main", "../../etc");
  EXPECT_TRUE(mentions(refusal(), {"refs/main", "name of a snapshot"}));

  fs::remove_all(path / "refs");
  fs::create_directories(path / "snapshots/new");
  EXPECT_TRUE(mentions(refusal(), {path.string(), "found 2 snapshots"}));
}

TEST_F(Checkpoint, WithALinkThatLeadsNowhereIsRefused) {
  write("config.json", kClip);
  fs::create_symlink("../../blobs/none", path / "model.safetensors");

  EXPECT_TRUE(mentions(refusal(), {"model.safetensors", "broken link"}));
}

TEST_F(Checkpoint, ThatIsAFileHasNoLayoutYet) {
  touch({"a.safetensors"});

  const CheckpointFiles files = find_checkpoint(path / "a.safetensors");

  EXPECT_EQ(files.weights, path / "a.safetensors");
  EXPECT_EQ(files.folder, path);
  EXPECT_TRUE(files.config.empty());
}

TEST_F(Checkpoint, WithoutAnyConfigIsRefused) {
  touch({"model.safetensors"});

  EXPECT_TRUE(mentions(refusal(), {path.string(), "no config.json or open_clip_config.json"}));
}

TEST_F(Checkpoint, WithAnAdapterBesideItsWeightsIsRefused) {
  write("config.json", kClip);
  touch({"model.safetensors", "adapter_config.json", "adapter_model.safetensors"});

  EXPECT_TRUE(mentions(refusal(), {"adapter_config.json", "LoRA", "merge"}));
}

}  // namespace find_checkpoint_test
}  // namespace whyclip
