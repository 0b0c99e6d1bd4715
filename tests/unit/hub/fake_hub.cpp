#include "tests/unit/hub/fake_hub.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "whyclip/hub/checksum.h"

namespace whyclip::testing {

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

std::string checksum_of(const HubFile& file) {
  Checksum checksum(file.large ? ChecksumKind::kSha256 : ChecksumKind::kGitBlob,
                    file.content.size());
  checksum.add(file.content);
  return checksum.finish();
}

std::map<std::string, HubFile> transformers_files(std::size_t size) {
  return {{"README.md", {"not needed"}},
          {"config.json", {R"({"model_type": "clip"})"}},
          {"preprocessor_config.json", {"{}"}},
          {"tokenizer.json", {"{ }"}},
          {"tf_model.h5", {"not needed", true}},
          {"pytorch_model.bin", {"not needed either", true}},
          {"model.safetensors", {some_bytes(size), true}}};
}

std::map<std::string, HubFile> open_clip_files() {
  return {{"config.json", {R"({"architecture": "vit_base_patch32_clip_224"})"}},
          {"model.safetensors", {"the image tower of timm", true}},
          {"open_clip_config.json", {R"({"model_cfg": {"vision_cfg": {}}})"}},
          {"open_clip_model.safetensors", {"the whole model", true}},
          {"open_clip_pytorch_model.bin", {"the same, pickled", true}}};
}

FakeHub::FakeHub(std::map<std::string, HubFile> files)
    : files_(std::move(files)),
      store_([this](const ServerRequest& request) {
        return spoiled(request, serve_store(request), spoil_store_);
      }),
      hub_([this](const ServerRequest& request) {
        return spoiled(request, serve_hub(request), spoil_hub_);
      }) {}

void FakeHub::spoil_hub(Spoil spoil) {
  const std::lock_guard lock(mutex_);
  spoil_hub_ = std::move(spoil);
}

void FakeHub::spoil_store(Spoil spoil) {
  const std::lock_guard lock(mutex_);
  spoil_store_ = std::move(spoil);
}

void FakeHub::set_file(const std::string& name, HubFile file) {
  const std::lock_guard lock(mutex_);
  files_[name] = std::move(file);
}

ServerReply FakeHub::spoiled(const ServerRequest& request, ServerReply reply,
                             const Spoil& spoil) const {
  const std::lock_guard lock(mutex_);
  if (spoil) spoil(request, reply);
  return reply;
}

HubOptions FakeHub::options(const std::filesystem::path& cache) const {
  HubOptions options;
  options.cache = cache;
  options.file_cache = cache / "files";
  options.endpoint = hub_.origin();
  options.token = "hf_secret";
  options.retries = 3;
  options.first_wait = std::chrono::milliseconds(1);
  options.longest_wait = std::chrono::seconds(2);
  return options;
}

int FakeHub::count(const std::string& method, const std::string& path_end) const {
  const auto matches = [&](const ServerRequest& request) {
    return request.method == method && request.path.ends_with(path_end);
  };
  const auto in_hub = hub_.requests(), in_store = store_.requests();
  return static_cast<int>(std::ranges::count_if(in_hub, matches) +
                          std::ranges::count_if(in_store, matches));
}

ServerReply FakeHub::serve_hub(const ServerRequest& request) const {
  const std::lock_guard lock(mutex_);
  const std::string api = "/api/models/org/model/revision/", file = "/org/model/resolve/";
  if (request.path.starts_with(api)) {
    const std::string revision = request.path.substr(api.size());
    if (revision != "main" && revision != "v1" && revision != kCommit) {
      return {.status = 404, .headers = {{"X-Error-Code", "RevisionNotFound"}}};
    }
    nlohmann::json listing{{"sha", kCommit}, {"siblings", nlohmann::json::array()}};
    for (const auto& [name, content] : files_) listing["siblings"].push_back({{"rfilename", name}});
    return {.body = listing.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
  }
  if (!request.path.starts_with(file)) {
    return {.status = 401, .headers = {{"X-Error-Code", "RepoNotFound"}}};
  }
  const std::string rest = request.path.substr(file.size());
  const std::string name = rest.substr(rest.find('/') + 1);
  const auto found = files_.find(name);
  if (found == files_.end()) return {.status = 404, .headers = {{"X-Error-Code", "EntryNotFound"}}};
  const std::string quoted = "\"" + checksum_of(found->second) + "\"";
  if (!found->second.large) {
    return {.headers = {{"X-Repo-Commit", kCommit}, {"ETag", quoted}},
            .body = found->second.content};
  }
  return {.status = 302,
          .headers = {{"X-Repo-Commit", kCommit},
                      {"X-Linked-Etag", quoted},
                      {"X-Linked-Size", std::to_string(found->second.content.size())},
                      {"Location", store_.origin() + "/store/" + name}}};
}

ServerReply FakeHub::serve_store(const ServerRequest& request) const {
  const std::lock_guard lock(mutex_);
  const std::size_t folder = request.path.find('/', 1);  // "/store/" or any other
  const auto found = files_.find(request.path.substr(folder + 1));
  if (found == files_.end()) return {.status = 404};
  return {.headers = {{"ETag", "\"of-the-store\""}}, .body = found->second.content};
}

}  // namespace whyclip::testing
