// Downloads from a hub on the loopback interface: what a complete one leaves in the cache, and what
// is asked of the server.

#include "whyclip/hub/download.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/hub/fake_hub.h"
#include "whyclip/hub/cache.h"
#include "whyclip/hub/resolve_model.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace download_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::FakeHub;
using testing::mentions;
using testing::ServerReply;
using testing::ServerRequest;
using testing::TemporaryFolder;

constexpr const char* kName = "org/model";

fs::path snapshot_of(const TemporaryFolder& cache) {
  return cache.path() / "models--org--model" / "snapshots" / FakeHub::kCommit;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

TEST(Download, WritesTheLayoutOfHuggingFacesCache) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(path, snapshot_of(cache));
  EXPECT_EQ(read_text(cache.path() / "models--org--model" / "refs" / "main"), FakeHub::kCommit);
  const auto files = testing::transformers_files();
  const std::string blob = testing::checksum_of(files.at("model.safetensors"));
  EXPECT_EQ(fs::read_symlink(path / "model.safetensors"), "../../blobs/" + blob);
  EXPECT_EQ(read_text(path / "model.safetensors"), files.at("model.safetensors").content);
  EXPECT_EQ(fs::read_symlink(path / "config.json"),
            "../../blobs/" + testing::checksum_of(files.at("config.json")));
  EXPECT_TRUE(fs::exists(cache.path() / ".locks" / "models--org--model" / (blob + ".lock")));
  EXPECT_TRUE(fs::exists(cache.path() / "models--org--model" / ".no_exist" / FakeHub::kCommit /
                         "processor_config.json"));
}

TEST(Download, TakesOnlyTheFilesThatAreNeeded) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(names_in(path),
            (std::vector<std::string>{"config.json", "model.safetensors",
                                      "preprocessor_config.json", "tokenizer.json"}));
  EXPECT_EQ(names_in(cache.path() / "models--org--model" / "blobs").size(), 4U);
  EXPECT_EQ(hub.count("GET", "tf_model.h5") + hub.count("GET", "pytorch_model.bin"), 0);
}

TEST(Download, TakesPickledWeightsIfThereAreNoSafetensors) {
  auto files = testing::transformers_files();
  files.erase("model.safetensors");
  const TemporaryFolder cache;
  const FakeHub hub(files);

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(read_text(path / "pytorch_model.bin"), "not needed either");
}

TEST(Download, TakesThePartsThatAnIndexNames) {
  auto files = testing::transformers_files();
  files.erase("model.safetensors");
  files["model.safetensors.index.json"] = {
      R"({"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors",
                         "c": "model-1-of-2.safetensors"}})"};
  files["model-1-of-2.safetensors"] = {"first", true};
  files["model-2-of-2.safetensors"] = {"second", true};
  const TemporaryFolder cache;
  const FakeHub hub(files);

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(read_text(path / "model-1-of-2.safetensors"), "first");
  EXPECT_EQ(read_text(path / "model-2-of-2.safetensors"), "second");
}

TEST(Download, TakesOpenClipsFilesBesideThoseOfTimm) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::open_clip_files());

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(path, snapshot_of(cache) / "open_clip_model.safetensors");
  EXPECT_EQ(read_text(path), "the whole model");
  EXPECT_FALSE(fs::exists(snapshot_of(cache) / "model.safetensors"));
}

TEST(Download, TakesOpenClipsFilesIfTheNameHasTheHubPrefix) {
  auto files = testing::open_clip_files();
  files["config.json"] = {R"({"model_type": "clip"})"};
  files["preprocessor_config.json"] = {"{}"};
  files["vocab.json"] = {"{}"};
  const TemporaryFolder cache, other;
  const FakeHub hub(files);

  EXPECT_EQ(fetch_model("hf-hub:org/model", hub.options(cache.path())),
            snapshot_of(cache) / "open_clip_model.safetensors");
  EXPECT_EQ(fetch_model("org/model", hub.options(other.path())), snapshot_of(other));
  EXPECT_EQ(read_text(snapshot_of(other) / "model.safetensors"), "the image tower of timm");
}

TEST(Download, TakesTheFolderOfSentenceTransformers) {
  const TemporaryFolder cache;
  const FakeHub hub({{"modules.json", {"[]"}},
                     {"0_CLIPModel/config.json", {R"({"model_type": "clip"})"}},
                     {"0_CLIPModel/preprocessor_config.json", {"{}"}},
                     {"0_CLIPModel/vocab.json", {"{}"}},
                     {"0_CLIPModel/pytorch_model.bin", {"weights", true}}});

  const fs::path path = fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(path, snapshot_of(cache));
  EXPECT_EQ(read_text(path / "0_CLIPModel" / "pytorch_model.bin"), "weights");
  EXPECT_TRUE(fs::read_symlink(path / "0_CLIPModel" / "vocab.json")
                  .string()
                  .starts_with("../../../blobs/"));
}

TEST(Download, OfARevisionWritesItsReference) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());

  fetch_model("org/model@v1", hub.options(cache.path()));
  const int requests = static_cast<int>(hub.hub().requests().size());
  resolve_model(std::string("org/model@") + FakeHub::kCommit, hub.options(cache.path()));

  EXPECT_EQ(read_text(cache.path() / "models--org--model" / "refs" / "v1"), FakeHub::kCommit);
  EXPECT_FALSE(fs::exists(cache.path() / "models--org--model" / "refs" / "main"));
  EXPECT_EQ(static_cast<int>(hub.hub().requests().size()), requests);
}

TEST(Download, OfWhatIsThereAsksForNoContent) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());
  fetch_model(kName, hub.options(cache.path()));

  fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(hub.count("GET", "/model.safetensors"), 1);
  EXPECT_EQ(hub.count("GET", "/config.json"), 1);
  EXPECT_EQ(hub.count("GET", "/revision/main"), 2);
}

TEST(Download, ReplacesContentOfTheWrongSize) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());
  const fs::path path = fetch_model(kName, hub.options(cache.path()));
  const fs::path blob = fs::canonical(path / "model.safetensors");
  fs::resize_file(blob, 7);

  fetch_model(kName, hub.options(cache.path()));

  EXPECT_EQ(fs::file_size(blob), 300'000U);
}

TEST(Download, GivesTheTokenToTheHubAndToNoOtherHost) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());

  fetch_model(kName, hub.options(cache.path()));

  for (const ServerRequest& request : hub.hub().requests()) {
    EXPECT_EQ(request.header("authorization"), "Bearer hf_secret") << request.path;
  }
  ASSERT_EQ(hub.store().requests().size(), 1U);
  EXPECT_EQ(hub.store().requests()[0].header("authorization"), "");
}

TEST(Download, GivesTheTokenToNoHostThatTheHubRedirectsTo) {
  const TemporaryFolder cache;
  FakeHub hub(testing::transformers_files());
  const std::string elsewhere = hub.store().origin();
  hub.spoil_hub([=](const ServerRequest& request, ServerReply& reply) {
    reply = {.status = 308, .headers = {{"Location", elsewhere + request.path}}};
  });

  EXPECT_TRUE(mentions(error_of([&] { fetch_model(kName, hub.options(cache.path())); }), {"404"}));

  ASSERT_FALSE(hub.store().requests().empty());
  for (const ServerRequest& request : hub.store().requests()) {
    EXPECT_EQ(request.header("authorization"), "") << request.path;
  }
}

TEST(Download, CopiesWhereThereAreNoSymbolicLinks) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files());
  HubOptions options = hub.options(cache.path());
  options.symlinks = false;

  const fs::path path = fetch_model(kName, options);

  EXPECT_FALSE(fs::is_symlink(path / "model.safetensors"));
  EXPECT_EQ(fs::file_size(path / "model.safetensors"), 300'000U);
}

TEST(Download, FollowsTheRedirectOfARenamedRepository) {
  const TemporaryFolder cache;
  FakeHub hub(testing::transformers_files());
  hub.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    const std::string old = "/org/old/", api = "/api/models/org/old/";
    if (request.path.starts_with(old)) {
      reply = {.status = 307,
               .headers = {{"Location", "/org/model/" + request.path.substr(old.size())}}};
    } else if (request.path.starts_with(api)) {
      reply = {
          .status = 307,
          .headers = {{"Location", "/api/models/org/model/" + request.path.substr(api.size())}}};
    }
  });

  const fs::path path = fetch_model("org/old", hub.options(cache.path()));

  EXPECT_EQ(path.parent_path().parent_path().filename(), "models--org--old");
  EXPECT_EQ(fs::file_size(path / "model.safetensors"), 300'000U);
}

TEST(Download, ReportsBytesAndEnds) {
  const TemporaryFolder cache;
  const FakeHub hub(testing::transformers_files(20'000'000));
  std::int64_t most = 0, total = 0;
  bool ended = false;

  fetch_model(kName, hub.options(cache.path()),
              [&](std::string_view stage, std::int64_t done, std::int64_t of) {
                EXPECT_TRUE(stage.starts_with("downloading org/model (")) << stage;
                EXPECT_LE(done, of);
                most = std::max(most, done);
                total = of;
                ended = done == of;
                return true;
              });

  EXPECT_TRUE(ended);
  EXPECT_EQ(total, 21);  // MB: 20 and some kB
  EXPECT_EQ(most, 21);
}

TEST(Download, ByFourAtOnceHappensOnce) {
  const TemporaryFolder cache;
  FakeHub hub(testing::transformers_files(2'000'000));
  hub.spoil_store(
      [](const ServerRequest&, ServerReply& reply) { reply.pause = std::chrono::milliseconds(5); });
  std::vector<std::thread> threads;
  std::atomic<int> succeeded = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const fs::path path = fetch_model(kName, hub.options(cache.path()));
      succeeded += fs::file_size(path / "model.safetensors") == 2'000'000 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(succeeded, 4);
  EXPECT_EQ(hub.count("GET", "/store/model.safetensors"), 1);
}

TEST(SingleFile, IsDownloadedAndChecked) {
  const TemporaryFolder cache;
  const FakeHub hub({{"ViT.pt", {"the archive", true}}});
  ModelName name{.text = "ViT",
                 .kind = ModelName::Kind::kFile,
                 .address = hub.store().origin() + "/x/ViT.pt",
                 .sha256 = testing::checksum_of({"the archive", true}).substr(0, 8)};

  const fs::path path = download_single_file(name, hub.options(cache.path()), {});

  EXPECT_EQ(path, cache.path() / "files" / "ViT.pt");
  EXPECT_EQ(read_text(path), "the archive");
  EXPECT_EQ(download_single_file(name, hub.options(cache.path()), {}), path);
  EXPECT_EQ(hub.store().requests().size(), 1U);
  name.sha256 = "00000000";
  EXPECT_TRUE(mentions(error_of([&] { download_single_file(name, hub.options(cache.path()), {}); }),
                       {"ViT.pt", "SHA-256", "00000000"}));
  fs::remove(path);
  EXPECT_TRUE(mentions(error_of([&] { download_single_file(name, hub.options(cache.path()), {}); }),
                       {"ViT.pt", "checksum", "expected 00000000"}));
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace download_test
}  // namespace whyclip
