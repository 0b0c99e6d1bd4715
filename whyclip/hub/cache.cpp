#include "whyclip/hub/cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderPrefix = "models--", kSeparator = "--";
constexpr std::uintmax_t kLargestConfig = std::uintmax_t{16} << 20;

bool has_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);  // false for a link to content that is missing
}

/// The text of a small file; empty if it is missing, large or cannot be read.
std::string small_text(const fs::path& path) {
  std::error_code code;
  if (!has_file(path) || fs::file_size(path, code) > kLargestConfig) return {};
  try {
    return read_text(path);
  } catch (const Error&) {
    return {};
  }
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    throw Error(folder.string(), fmt::format("cannot create this folder: {}", code.message()),
                ErrorCode::kIo);
  }
}

/// The family that a configuration names.
std::string family_of(const fs::path& config, RepositoryLayout layout) {
  try {
    const JsonView json = JsonView::parse(small_text(config), config.string());
    if (layout != RepositoryLayout::kOpenClip) {
      return json.has("model_type") ? json.at("model_type").string() : std::string();
    }
    const JsonView model = json.at("model_cfg");
    const JsonView vision = model.at("vision_cfg");
    if (vision.has("timm_model_name")) return "open_clip, " + vision.at("timm_model_name").string();
    return model.has("multimodal_cfg") ? "coca" : "clip";
  } catch (const Error&) {
    return {};
  }
}

/// A configuration without its weights: which layout it is of.
std::optional<WeightFiles> expected_weights(const HasFile& has, bool open_clip,
                                            bool transformers_config) {
  using enum RepositoryLayout;
  const bool open_clip_config = has("open_clip_config.json");
  if (open_clip_config && (open_clip || !transformers_config)) {
    return WeightFiles{kOpenClip, "open_clip_config.json", "open_clip_model.safetensors"};
  }
  if (transformers_config) return WeightFiles{kHuggingFace, "config.json", "model.safetensors"};
  if (has("modules.json")) {
    return WeightFiles{kSentenceTransformers, "0_CLIPModel/config.json",
                       "0_CLIPModel/model.safetensors"};
  }
  return {};
}

}  // namespace

CachedRepository::CachedRepository(const fs::path& cache, const std::string& repository) {
  std::string name(kFolderPrefix);
  for (const char c : repository) name += c == '/' ? std::string(kSeparator) : std::string(1, c);
  folder_ = cache / name;
  locks_ = cache / ".locks" / name;
}

fs::path CachedRepository::snapshot(const std::string& commit) const {
  return folder_ / "snapshots" / commit;
}

fs::path CachedRepository::blob(const std::string& checksum) const {
  return folder_ / "blobs" / checksum;
}

fs::path CachedRepository::lock(const std::string& checksum) const {
  return locks_ / (checksum + ".lock");
}

fs::path CachedRepository::absence(const std::string& commit, const std::string& file) const {
  return folder_ / ".no_exist" / commit / file;
}

std::optional<std::string> CachedRepository::commit_of(const std::string& revision) const {
  std::error_code code;
  const std::string name = revision.empty() ? "main" : revision;
  if (is_commit(name)) {
    if (!fs::is_directory(snapshot(name), code)) return {};
    return name;
  }
  std::string commit = small_text(folder_ / "refs" / name);
  while (!commit.empty() && (commit.back() == '\n' || commit.back() == '\r')) commit.pop_back();
  if (!is_commit(commit)) return {};
  return commit;
}

std::map<std::string, std::vector<std::string>> CachedRepository::references() const {
  std::map<std::string, std::vector<std::string>> references;
  const fs::path folder = folder_ / "refs";
  std::error_code code;
  auto entry = fs::recursive_directory_iterator(folder, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    std::error_code broken;
    if (!entry->is_regular_file(broken)) continue;
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    if (const auto commit = commit_of(name)) references[*commit].push_back(name);
  }
  for (auto& [commit, names] : references) std::ranges::sort(names);
  return references;
}

std::vector<std::string> CachedRepository::unnamed_commits() const {
  const auto named = references();
  std::vector<std::string> commits;
  std::error_code code;
  auto entry = fs::directory_iterator(folder_ / "snapshots", code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    std::string commit = entry->path().filename().string();
    if (is_commit(commit) && !named.contains(commit)) commits.push_back(std::move(commit));
  }
  std::ranges::sort(commits);
  return commits;
}

void CachedRepository::set_reference(const std::string& revision, const std::string& commit) const {
  const std::string name = revision.empty() ? "main" : revision;
  if (name == commit) return;
  write_file(folder_ / "refs" / name, std::string_view(commit));
}

void CachedRepository::link(const std::string& commit, const std::string& file,
                            const std::string& checksum, bool symlinks) const {
  const fs::path pointer = snapshot(commit) / file;
  make_folder(pointer.parent_path());
  const fs::path target = fs::path(blob(checksum)).lexically_relative(pointer.parent_path());
  // A name of its own, then a rename: at every moment there is the old file or the new one.
  const fs::path temporary = pointer.parent_path() / fmt::format(".{}.{}", checksum, ::getpid());
  std::error_code code;
  fs::remove(temporary, code);
  if (symlinks) fs::create_symlink(target, temporary, code);
  if (!symlinks || code) fs::copy_file(blob(checksum), temporary, code);
  if (!code) fs::rename(temporary, pointer, code);
  if (!code) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw Error(pointer.string(), fmt::format("cannot be written: {}", code.message()),
              ErrorCode::kIo);
}

void CachedRepository::set_absent(const std::string& commit, const std::string& file) const {
  const fs::path path = absence(commit, file);
  std::error_code code;
  if (!fs::exists(path, code)) write_file(path, std::string_view());
}

SnapshotContent examine_snapshot(const CachedRepository& repository, const std::string& commit,
                                 bool open_clip) {
  const fs::path folder = repository.snapshot(commit);
  const HasFile has = [&](const std::string& name) { return has_file(folder / name); };
  const bool transformers_config = is_transformers_config(small_text(folder / "config.json"));
  SnapshotContent content;
  const std::vector<WeightFiles> choices = weights_in(has, open_clip, transformers_config);
  const auto missing_parts = [&](const WeightFiles& weights) {
    std::vector<std::string> missing;
    if (!weights.is_index) return missing;
    const fs::path index = folder / weights.file;
    for (const std::string& part :
         parts_of_index(small_text(index), index.string(), weights.file)) {
      if (!has(part)) missing.push_back(part);
    }
    return missing;
  };
  std::optional<WeightFiles> weights;
  for (const WeightFiles& choice : choices) {
    std::vector<std::string> missing = missing_parts(choice);
    if (weights && !missing.empty()) continue;
    weights = choice;
    content.missing = missing;
    if (missing.empty()) break;
  }
  if (!weights) {
    weights = expected_weights(has, open_clip, transformers_config);
    if (!weights) return content;
    content.missing.push_back(weights->file);
  }
  content.layout = weights->layout;
  content.family = family_of(folder / weights->config, weights->layout);
  if (!has(weights->config)) content.missing.push_back(weights->config);
  const auto known = [&](const std::string& name) {
    return has(name) || has_file(repository.absence(commit, name));
  };
  for (const std::vector<std::string>& group : required_companions(weights->layout)) {
    const bool some = std::ranges::any_of(group, has);
    if (!some && !std::ranges::all_of(group, known)) content.missing.push_back(group.front());
  }
  // Where both layouts are in a folder, the file says which one is meant.
  const bool both = weights->layout == RepositoryLayout::kOpenClip && has("config.json");
  content.path = both ? folder / weights->file : folder;
  return content;
}

bool is_commit(std::string_view text) {
  constexpr std::size_t kDigits = 40;
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string repository_of_folder(std::string_view folder) {
  if (!folder.starts_with(kFolderPrefix)) return {};
  folder.remove_prefix(kFolderPrefix.size());
  const std::size_t separator = folder.find(kSeparator);
  if (separator == folder.npos || separator == 0) return std::string(folder);
  return fmt::format("{}/{}", folder.substr(0, separator),
                     folder.substr(separator + kSeparator.size()));
}

}  // namespace whyclip
