#include "whyclip/list_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "whyclip/core/error.h"
#include "whyclip/hub/cache.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

/// The entries of a folder; none if it does not exist.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code code;
  if (!fs::exists(folder, code)) return entries;
  auto entry = fs::directory_iterator(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    entries.push_back(entry->path());
  }
  if (code) {
    throw Error(folder.string(), fmt::format("cannot be read: {}", code.message()), ErrorCode::kIo);
  }
  std::ranges::sort(entries);
  return entries;
}

/// Bytes of the files of a snapshot that exist.
std::int64_t size_of(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code code;
  auto entry = fs::recursive_directory_iterator(folder, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    std::error_code broken;  // a link to content that is missing
    if (!entry->is_regular_file(broken) || broken) continue;
    const std::uintmax_t size = entry->file_size(broken);
    if (!broken) bytes += size;
  }
  return static_cast<std::int64_t>(bytes);
}

bool is_clip(const SnapshotContent& content) {
  if (!content.layout) return false;
  if (*content.layout != RepositoryLayout::kHuggingFace) return true;
  const std::string& family = content.family;  // empty: it has a vision_config
  return family.empty() || family.find("clip") != std::string::npos || family.starts_with("siglip");
}

/// Adds the snapshots of a repository. Returns whether one of them is a CLIP model.
bool add_repository(const CachedRepository& repository, const std::string& name,
                    std::vector<CachedModel>& models) {
  const auto references = repository.references();
  bool found = false;
  for (const fs::path& snapshot : entries_of(repository.folder() / "snapshots")) {
    const std::string commit = snapshot.filename().string();
    if (!is_commit(commit)) continue;
    CachedModel model{.name = name, .commit = commit, .path = snapshot.string()};
    if (const auto names = references.find(commit); names != references.end()) {
      model.revisions = names->second;
    }
    try {
      const SnapshotContent content = examine_snapshot(repository, commit);
      if (!is_clip(content)) continue;
      model.path = content.path.string();
      model.layout = name_of(*content.layout);
      model.family = content.family;
      model.missing = content.missing;
    } catch (const Error& error) {
      model.missing.push_back(error.what());
    }
    model.complete = model.missing.empty();
    model.bytes = size_of(snapshot);
    models.push_back(std::move(model));
    found = true;
  }
  return found;
}

}  // namespace

ModelList list_models(const HubOptions& options) {
  ModelList list{.cache = options.cache.string(), .file_cache = options.file_cache.string()};
  for (const fs::path& folder : entries_of(options.cache)) {
    const std::string name = repository_of_folder(folder.filename().string());
    if (name.empty()) continue;
    if (!add_repository(CachedRepository(options.cache, name), name, list.models)) ++list.others;
  }
  for (const fs::path& file : entries_of(options.file_cache)) {
    std::error_code code;
    const std::string ending = file.extension().string();
    if ((ending != ".pt" && ending != ".pth") || !fs::is_regular_file(file, code)) continue;
    list.models.push_back({.name = file.filename().string(),
                           .path = file.string(),
                           .bytes = static_cast<std::int64_t>(fs::file_size(file, code)),
                           .layout = "file",
                           .complete = true});
  }
  return list;
}

}  // namespace whyclip
