// What is found in a cache that transformers, open_clip or an interrupted download left.

#include "whyclip/hub/cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/hub/fake_hub.h"
#include "whyclip/hub/resolve_model.h"
#include "whyclip/io/file.h"
#include "whyclip/list_models.h"

namespace whyclip {
namespace cache_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;

const std::string kCommit(40, 'c');

/// A cache folder to which files are added as huggingface_hub would.
class Cache : public ::testing::Test {
 protected:
  Cache() {
    options_.cache = folder_.path() / "hub";
    options_.file_cache = folder_.path() / "files";
    options_.offline = true;
  }
  CachedRepository repository(const std::string& name = "org/model") const {
    return {options_.cache, name};
  }
  void add(const std::string& file, const std::string& content,
           const std::string& name = "org/model") {
    const std::string checksum = testing::checksum_of({content});
    write_file(repository(name).blob(checksum), std::string_view(content));
    repository(name).link(kCommit, file, checksum, true);
  }
  void add_complete(const std::string& name = "org/model") {
    add("config.json", R"({"model_type": "clip"})", name);
    add("model.safetensors", "weights", name);
    add("preprocessor_config.json", "{}", name);
    add("vocab.json", "{}", name);
    repository(name).set_reference("", kCommit);
  }
  fs::path snapshot() const { return repository().snapshot(kCommit); }
  std::string resolve_error(const std::string& name = "org/model") const {
    return error_of([&] { resolve_model(name, options_); });
  }

  TemporaryFolder folder_;
  HubOptions options_;
};

TEST_F(Cache, SnapshotOfMainIsFoundWithoutTheNetwork) {
  add_complete();

  EXPECT_EQ(resolve_model("org/model", options_), snapshot());
  EXPECT_EQ(resolve_model("org/model@main", options_), snapshot());
  EXPECT_EQ(resolve_model("org/model@" + kCommit, options_), snapshot());
}

TEST_F(Cache, ReferenceMayEndWithALineBreak) {
  add_complete();
  write_file(repository().folder() / "refs" / "main", kCommit + "\n");

  EXPECT_EQ(resolve_model("org/model", options_), snapshot());
}

TEST_F(Cache, ModelOfTheRegistryIsFoundUnderItsRepository) {
  const std::string name = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K";
  add("open_clip_config.json", R"({"model_cfg": {"vision_cfg": {}}})", name);
  add("open_clip_model.safetensors", "weights", name);
  repository(name).set_reference("", kCommit);

  EXPECT_EQ(resolve_model("ViT-B-32:laion2b_s34b_b79k", options_),
            repository(name).snapshot(kCommit));
}

TEST_F(Cache, WeightsWithoutOpenClipsConfigurationAreIncomplete) {
  add("open_clip_model.safetensors", "weights");
  repository().set_reference("", kCommit);

  EXPECT_TRUE(mentions(
      resolve_error("hf-hub:org/model"),
      {"hf-hub:org/model", "open_clip_config.json", "missing", kCommit, "whyclip model fetch"}));
}

TEST_F(Cache, UnknownModelOfflineNamesTheFolder) {
  EXPECT_TRUE(mentions(resolve_error(), {"org/model", "not in the cache", "models--org--model",
                                         "whyclip model fetch org/model"}));
  add_complete();
  EXPECT_TRUE(mentions(resolve_error("org/model@v2"), {"org/model@v2", "not in the cache"}));
  EXPECT_TRUE(mentions(resolve_error("ViT-B/32"), {"ViT-B/32", "ViT-B-32.pt"}));
}

TEST_F(Cache, OnlyAConfigurationIsIncomplete) {
  add("config.json", R"({"model_type": "clip"})");
  repository().set_reference("", kCommit);

  EXPECT_TRUE(mentions(resolve_error(), {"model.safetensors", "missing", kCommit}));
}

TEST_F(Cache, InterruptedDownloadWithoutAReferenceIsIncomplete) {
  add("config.json", R"({"model_type": "clip"})");

  EXPECT_TRUE(mentions(resolve_error(), {"is incomplete", "model.safetensors", "missing", kCommit,
                                         "whyclip model fetch org/model"}));
  add_complete();
  EXPECT_TRUE(mentions(resolve_error("org/model@v2"), {"not in the cache"}));
}

TEST_F(Cache, FetchOfAPathNeedsThePath) {
  EXPECT_EQ(fetch_model(folder_.path().string(), options_), folder_.path());
  options_.offline = false;
  EXPECT_TRUE(mentions(error_of([&] { fetch_model("./no/such", options_); }),
                       {"[./no/such]", "no such file or folder", "a path", "the hub"}));
}

TEST_F(Cache, LinkToContentThatIsGoneIsIncomplete) {
  add_complete();
  fs::remove(fs::canonical(snapshot() / "model.safetensors"));

  EXPECT_TRUE(mentions(resolve_error(), {"model.safetensors missing"}));
}

TEST_F(Cache, PartsThatAreMissingAreNamed) {
  add_complete();
  fs::remove(snapshot() / "model.safetensors");
  add("model.safetensors.index.json",
      R"({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})");
  add("model-1.safetensors", "weights");

  EXPECT_TRUE(mentions(resolve_error(), {"model-2.safetensors missing"}));
  add("pytorch_model.bin", "the same weights");
  EXPECT_EQ(resolve_model("org/model", options_), snapshot());
}

TEST_F(Cache, FilesThatTheCommitLacksAreNotMissing) {
  add("config.json", R"({"model_type": "clip"})");
  add("model.safetensors", "weights");
  repository().set_reference("", kCommit);
  EXPECT_TRUE(mentions(resolve_error(), {"preprocessor_config.json", "tokenizer.json"}));

  for (const char* file :
       {"preprocessor_config.json", "processor_config.json", "tokenizer.json", "vocab.json"}) {
    repository().set_absent(kCommit, file);
  }

  EXPECT_EQ(resolve_model("org/model", options_), snapshot());
}

TEST_F(Cache, IncompleteSnapshotIsCompletedOnline) {
  testing::FakeHub hub(testing::transformers_files());
  options_ = hub.options(options_.cache);
  const std::string config = testing::transformers_files().at("config.json").content;
  write_file(repository().blob(testing::checksum_of({config})), std::string_view(config));
  repository().link(testing::FakeHub::kCommit, "config.json", testing::checksum_of({config}), true);
  repository().set_reference("", testing::FakeHub::kCommit);

  const fs::path path = resolve_model("org/model", options_);

  EXPECT_EQ(fs::file_size(path / "model.safetensors"), 300'000U);
  EXPECT_EQ(hub.count("GET", "/config.json"), 0);
  const std::size_t requests = hub.hub().requests().size();
  resolve_model("org/model", options_);
  EXPECT_EQ(hub.hub().requests().size(), requests);
}

TEST_F(Cache, ConfigurationWithoutAModelTypeCountsIfItDescribesAnImageTower) {
  add_complete();
  fs::remove(snapshot() / "config.json");
  add("config.json", R"({"vision_config": {}})");

  EXPECT_EQ(resolve_model("org/model", options_), snapshot());
  EXPECT_EQ(list_models(options_).models.size(), 1U);
}

TEST_F(Cache, SingleFileOfClipIsFound) {
  write_file(options_.file_cache / "ViT-B-32.pt", "an archive");

  EXPECT_EQ(resolve_model("ViT-B/32", options_), options_.file_cache / "ViT-B-32.pt");
}

TEST_F(Cache, ListHasEveryClipModel) {
  add_complete("org/b");
  repository("org/b").set_reference("v1", kCommit);
  add("config.json", R"({"model_type": "bert"})", "org/text");
  add("model.safetensors", "weights", "org/text");
  add("open_clip_config.json", R"({"model_cfg": {"vision_cfg": {"timm_model_name": "vitamin"}}})",
      "org/a");
  write_file(options_.file_cache / "ViT-B-32.pt", "an archive");
  write_file(options_.file_cache / "notes.txt", "no model");

  const ModelList list = list_models(options_);

  ASSERT_EQ(list.models.size(), 3U);
  EXPECT_EQ(list.others, 1);
  EXPECT_EQ(list.models[0].name, "org/a");
  EXPECT_EQ(list.models[0].family, "open_clip, vitamin");
  EXPECT_FALSE(list.models[0].complete);
  EXPECT_EQ(list.models[0].missing, std::vector<std::string>{"open_clip_model.safetensors"});
  EXPECT_EQ(list.models[1].name, "org/b");
  EXPECT_EQ(list.models[1].revisions, (std::vector<std::string>{"main", "v1"}));
  EXPECT_EQ(list.models[1].commit, kCommit);
  EXPECT_EQ(list.models[1].bytes, 22 + 7 + 2 + 2);
  EXPECT_EQ(list.models[1].layout, "hugging_face");
  EXPECT_TRUE(list.models[1].complete);
  EXPECT_EQ(list.models[2].name, "ViT-B-32.pt");
  EXPECT_EQ(list.models[2].layout, "file");
}

TEST_F(Cache, ListOfACacheThatDoesNotExistIsEmpty) {
  EXPECT_TRUE(list_models(options_).models.empty());
}

TEST_F(Cache, ListSaysWhatIsWrongWithAHostileSnapshot) {
  add_complete();
  fs::remove(snapshot() / "model.safetensors");
  add("model.safetensors.index.json", R"({"weight_map": {"a": "../../../../etc/passwd"}})");

  const ModelList list = list_models(options_);

  ASSERT_EQ(list.models.size(), 1U);
  EXPECT_FALSE(list.models[0].complete);
  ASSERT_EQ(list.models[0].missing.size(), 1U);
  EXPECT_TRUE(mentions(list.models[0].missing[0], {"../../../../etc/passwd", "plain file name"}));
}

TEST_F(Cache, ListAsJsonLosesNothing) {
  add_complete();
  const std::string text = to_json(list_models(options_));

  EXPECT_TRUE(text.starts_with("{\n \"format\": \"whyclip models 1\""));
  EXPECT_EQ(to_json(models_from_json(text)), text);
  EXPECT_TRUE(mentions(error_of([&] { models_from_json(text.substr(0, 100), "a.json"); }),
                       {"a.json", "cut off"}));
}

TEST(RepositoryOfFolder, IsTheInverseOfTheFolder) {
  for (const char* name : {"openai/clip-vit-base-patch32", "a/b", "gpt2"}) {
    const std::string folder = CachedRepository("/x", name).folder().filename().string();
    EXPECT_EQ(repository_of_folder(folder), name);
  }
  EXPECT_EQ(repository_of_folder("datasets--a--b"), "");
}

}  // namespace cache_test
}  // namespace whyclip
