#include "whyclip/hub/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/hub/cache.h"
#include "whyclip/hub/checksum.h"
#include "whyclip/hub/file_download.h"
#include "whyclip/hub/file_lock.h"
#include "whyclip/hub/http_client.h"
#include "whyclip/hub/repository_files.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestListing = std::size_t{8} << 20;         // bytes of JSON
constexpr std::uint64_t kLargestCompanion = std::uint64_t{64} << 20;  // tokenizers have up to 35 MB
constexpr std::uint64_t kLargestWeights = std::uint64_t{1} << 40;

/// A file of the repository, with what the server says about it.
struct RemoteFile {
  std::string name = {};
  std::string checksum = {};  ///< names the blob
  FileSource source = {};
};

/// The download of one commit of a repository.
class RepositoryDownload {
 public:
  RepositoryDownload(const ModelName& name, const HubOptions& options, const Progress& progress)
      : name_(name),
        options_(options),
        progress_(progress),
        cache_(options.cache, name.repository),
        meter_(progress, name.repository),
        client_(options, [this](std::string_view waiting) { meter_.tick(waiting); }) {}

  fs::path run();

 private:
  void list();
  RemoteFile examine(const std::string& file, std::uint64_t largest);
  void fetch(const std::vector<std::string>& files, std::uint64_t largest);
  void fetch_companions(RepositoryLayout layout);
  void fetch_weights(const WeightFiles& weights);
  std::string snapshot_text(const std::string& file) const;
  bool has(const std::string& file) const { return files_.contains(file); }

  const ModelName& name_;
  const HubOptions& options_;
  const Progress& progress_;
  CachedRepository cache_;
  DownloadMeter meter_;
  HttpClient client_;
  std::string commit_;
  std::set<std::string> files_;  ///< as the server lists them: only compared, never used as paths
};

void RepositoryDownload::list() {
  const std::string revision = name_.revision.empty() ? "main" : name_.revision;
  const std::string address =
      fmt::format("{}/api/models/{}/revision/{}", options_.endpoint,
                  percent_encoded(name_.repository, true), percent_encoded(revision, false));
  std::string text;
  const HttpReply reply = client_.text(address, kLargestListing, text);
  if (!reply.ok()) {
    fail_request(reply, name_.repository, fmt::format("revision {}", revision), options_,
                 name_.doubt);
  }
  const JsonView listing = JsonView::parse(text, address);
  commit_ = listing.at("sha").string();
  if (!is_commit(commit_)) {
    throw Error(address, fmt::format("expected the hash of a commit, got \"{}\"", commit_));
  }
  for (const JsonView& file : listing.at("siblings").items()) {
    files_.insert(file.at("rfilename").string());
  }
}

/// The checksum in an ETag header, without the quotes and the W/ that may be around it.
std::string etag_of(const HttpReply& reply) {
  std::string etag = reply.header("x-linked-etag");
  if (etag.empty()) etag = reply.header("etag");
  if (etag.starts_with("W/")) etag = etag.substr(2);
  if (etag.size() > 1 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

RemoteFile RepositoryDownload::examine(const std::string& file, std::uint64_t largest) {
  RemoteFile remote{.name = file};
  std::string address =
      fmt::format("{}/{}/resolve/{}/{}", options_.endpoint, percent_encoded(name_.repository, true),
                  commit_, percent_encoded(file, true));
  const HttpReply reply = client_.metadata(address);
  if (!reply.failure.empty() || reply.status >= 400) {
    fail_request(reply, name_.repository, file, options_);
  }
  const auto refuse = [&](const std::string& message) {
    throw Error(name_.repository, fmt::format("{}: {}", file, message));
  };
  remote.checksum = etag_of(reply);
  const ChecksumKind kind = checksum_kind(remote.checksum);
  if (kind == ChecksumKind::kNone) {
    refuse(
        fmt::format("its ETag \"{}\" is neither a SHA-256 nor a SHA-1, so the content cannot be "
                    "checked; is {} a hub of models?",
                    remote.checksum, options_.endpoint));
  }
  const std::string commit = reply.header("x-repo-commit");
  if (!commit.empty() && commit != commit_) {
    refuse(fmt::format("the server sent commit {}, expected {}; try again", commit, commit_));
  }
  std::string length = reply.header("x-linked-size");
  if (length.empty()) length = reply.header("content-length");
  std::uint64_t size = 0;
  const auto [end, failed] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (failed != std::errc() || end != length.data() + length.size()) {
    refuse(fmt::format("the server gives no size, but \"{}\"", length));
  }
  if (size > largest) {
    refuse(fmt::format("has {} bytes, more than the allowed {}", size, largest));
  }
  remote.source = {.name = name_.repository,
                   .file = file,
                   .address = address,
                   .size = size,
                   .kind = kind,
                   .checksum = remote.checksum};
  return remote;
}

/// Whether the snapshot has a file with the content of the server: a link to the blob, or a copy.
bool is_present(const CachedRepository& cache, const std::string& commit, const RemoteFile& file) {
  std::error_code code;
  const fs::path path = cache.snapshot(commit) / file.name;
  if (!fs::is_regular_file(path, code) || fs::file_size(path, code) != file.source.size) {
    return false;
  }
  return !fs::is_symlink(path, code) || fs::equivalent(path, cache.blob(file.checksum), code);
}

/// Bytes that have to be received.
std::uint64_t missing_bytes(const fs::path& blob, std::uint64_t size) {
  std::error_code code;
  if (fs::is_regular_file(blob, code) && fs::file_size(blob, code) == size) return 0;
  const std::uintmax_t begun = fs::file_size(blob.string() + ".incomplete", code);
  return code ? size : size - std::min<std::uint64_t>(begun, size);
}

void RepositoryDownload::fetch(const std::vector<std::string>& files, std::uint64_t largest) {
  std::vector<RemoteFile> remote;
  std::uint64_t needed = 0;
  for (const std::string& file : files) {
    RemoteFile found = examine(file, largest);
    if (is_present(cache_, commit_, found)) continue;
    needed += missing_bytes(cache_.blob(found.checksum), *found.source.size);
    if (!options_.symlinks) needed += *found.source.size;
    remote.push_back(std::move(found));
  }
  check_free_space(cache_.folder(), needed, name_.repository);
  for (const RemoteFile& file : remote) {
    const fs::path lock = cache_.lock(file.checksum);
    download_file(client_, file.source, cache_.blob(file.checksum), lock, progress_, meter_);
    const FileLock owner(lock, progress_);
    cache_.link(commit_, file.name, file.checksum, options_.symlinks);
  }
}

void RepositoryDownload::fetch_companions(RepositoryLayout layout) {
  std::vector<std::string> present;
  for (const std::string& file : companion_files(layout)) {
    if (file == "config.json") continue;  // it was fetched first
    if (has(file)) {
      present.push_back(file);
    } else {
      cache_.set_absent(commit_, file);
    }
  }
  fetch(present, kLargestCompanion);
}

std::string RepositoryDownload::snapshot_text(const std::string& file) const {
  return read_text(cache_.snapshot(commit_) / file);
}

void RepositoryDownload::fetch_weights(const WeightFiles& weights) {
  if (!weights.is_index) {
    fetch({weights.file}, kLargestWeights);
    return;
  }
  fetch({weights.file}, kLargestCompanion);
  const std::string where = fmt::format("{}: {}", name_.repository, weights.file);
  const std::vector<std::string> parts =
      parts_of_index(snapshot_text(weights.file), where, weights.file);
  for (const std::string& part : parts) {
    if (!has(part)) {
      throw Error(where, fmt::format("names the part {}, which the repository lacks", part),
                  ErrorCode::kNotFound);
    }
  }
  fetch(parts, kLargestWeights);
}

fs::path RepositoryDownload::run() {
  list();
  const auto has_file = [&](const std::string& file) { return has(file); };
  bool transformers_config = false;
  if (has("config.json")) {  // it says which files are needed
    fetch({"config.json"}, kLargestCompanion);
    transformers_config = is_transformers_config(snapshot_text("config.json"));
  }
  const std::vector<WeightFiles> choices =
      weights_in(has_file, name_.open_clip, transformers_config);
  if (choices.empty()) {
    throw Error(name_.repository,
                "is not a CLIP checkpoint that whyclip knows: it lacks a configuration "
                "(config.json, open_clip_config.json) with weights (model.safetensors, "
                "pytorch_model.bin, open_clip_model.safetensors)",
                ErrorCode::kUnsupported);
  }
  const WeightFiles& weights = choices.front();
  fetch_companions(weights.layout);
  fetch_weights(weights);
  const SnapshotContent content = examine_snapshot(cache_, commit_, name_.open_clip);
  if (!content.missing.empty()) {
    throw Error(cache_.snapshot(commit_).string(),
                fmt::format("{} is missing after the download", content.missing.front()),
                ErrorCode::kIo);
  }
  cache_.set_reference(name_.revision, commit_);
  meter_.finish();
  return content.path;
}

/// Whether the file's SHA-256 begins with these digits.
bool has_checksum(const fs::path& path, const std::string& digits, const Progress& progress) {
  std::ifstream file(path, std::ios::binary);
  Checksum checksum(ChecksumKind::kSha256, 0);
  std::array<char, 1 << 20> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    checksum.add({block.data(), static_cast<std::size_t>(file.gcount())});
    report_progress(progress, "checking the file", 0, 1);
  }
  return checksum.finish().starts_with(digits);
}

}  // namespace

fs::path download_repository(const ModelName& name, const HubOptions& options,
                             const Progress& progress) {
  return RepositoryDownload(name, options, progress).run();
}

fs::path cached_file(const ModelName& name, const HubOptions& options) {
  return options.file_cache / name.address.substr(name.address.rfind('/') + 1);
}

fs::path download_single_file(const ModelName& name, const HubOptions& options,
                              const Progress& progress) {
  const fs::path path = cached_file(name, options);
  std::error_code code;
  if (fs::exists(path, code)) {
    if (has_checksum(path, name.sha256, progress)) return path;
    throw Error(path.string(),
                fmt::format("is not the file of {}: its SHA-256 is not {}; delete it", name.text,
                            name.sha256));
  }
  DownloadMeter meter(progress, path.filename().string());
  HttpClient client(options, [&](std::string_view waiting) { meter.tick(waiting); });
  const FileSource source{.name = name.text,
                          .file = path.filename().string(),
                          .address = name.address,
                          .kind = ChecksumKind::kSha256,
                          .checksum = name.sha256};
  download_file(client, source, path, path.string() + ".lock", progress, meter);
  meter.finish();
  return path;
}

}  // namespace whyclip
