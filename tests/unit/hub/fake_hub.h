#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "tests/support/data.h"
#include "tests/unit/hub/http_server.h"
#include "whyclip/hub/hub_options.h"

namespace whyclip::testing {

/// A file of the repository: small ones are in git, large ones in another server (LFS).
struct HubFile {
  std::string content = {};
  bool large = false;
};

/// A hub with one repository, "org/model", at one commit; "main" and "v1" mean that commit. Large
/// files are on a second server, to which the hub redirects as huggingface.co does.
class FakeHub {
 public:
  /// Called with the reply before it is sent, to spoil it.
  using Spoil = std::function<void(const ServerRequest&, ServerReply&)>;

  explicit FakeHub(std::map<std::string, HubFile> files);

  HubOptions options(const std::filesystem::path& cache) const;
  const HttpServer& hub() const { return hub_; }
  const HttpServer& store() const { return store_; }
  /// Number of requests of a method whose path ends so, to both servers.
  int count(const std::string& method, const std::string& path_end) const;

  void spoil_hub(Spoil spoil);
  void spoil_store(Spoil spoil);
  void set_file(const std::string& name, HubFile file);

  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

 private:
  ServerReply serve_hub(const ServerRequest& request) const;
  ServerReply serve_store(const ServerRequest& request) const;

  ServerReply spoiled(const ServerRequest& request, ServerReply reply, const Spoil& spoil) const;

  mutable std::mutex mutex_;
  std::map<std::string, HubFile> files_;
  Spoil spoil_hub_ = {}, spoil_store_ = {};
  HttpServer store_, hub_;
};

/// Digits of the checksum that names the content in the cache.
std::string checksum_of(const HubFile& file);

/// The files of a small repository in transformers' layout: the weights are `size` bytes.
std::map<std::string, HubFile> transformers_files(std::size_t size = 300'000);
std::map<std::string, HubFile> open_clip_files();

/// Bytes that differ from each other.
std::string some_bytes(std::size_t size);

}  // namespace whyclip::testing
