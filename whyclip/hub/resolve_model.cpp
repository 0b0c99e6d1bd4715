#include "whyclip/hub/resolve_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <system_error>

#include "whyclip/core/error.h"
#include "whyclip/hub/cache.h"
#include "whyclip/hub/download.h"
#include "whyclip/hub/model_name.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

/// What the cache lacks of a model, for the error of an offline call.
[[noreturn]] void fail_offline(const ModelName& name, const fs::path& folder,
                               const std::vector<std::string>& missing) {
  const std::string what = missing.empty() ? std::string("is not in the cache")
                                           : fmt::format("is incomplete in the cache: {} missing",
                                                         fmt::join(missing, ", "));
  throw Error(name.text,
              fmt::format("{} ({}), and the network is not to be used (--offline, "
                          "HF_HUB_OFFLINE); run whyclip model fetch {} online",
                          what, folder.string(), name.text),
              ErrorCode::kNotFound);
}

/// The files that a snapshot lacks; none if it is complete.
std::vector<std::string> missing_files(const SnapshotContent& content) {
  if (content.layout) return content.missing;
  return {"config.json or open_clip_config.json"};
}

/// For a branch without a reference: an interrupted download leaves a snapshot without one.
[[noreturn]] void fail_without_reference(const ModelName& name,
                                         const CachedRepository& repository) {
  if (!is_commit(name.revision)) {
    for (const std::string& commit : repository.unnamed_commits()) {
      const std::vector<std::string> missing =
          missing_files(examine_snapshot(repository, commit, name.open_clip));
      if (!missing.empty()) fail_offline(name, repository.snapshot(commit), missing);
    }
  }
  fail_offline(name, repository.folder(), {});
}

/// A complete snapshot in the cache. None if there is none and the network may be used.
std::optional<fs::path> find_snapshot(const ModelName& name, const HubOptions& options) {
  const CachedRepository repository(options.cache, name.repository);
  const std::optional<std::string> commit = repository.commit_of(name.revision);
  if (!commit) {
    if (options.offline) fail_without_reference(name, repository);
    return {};
  }
  const SnapshotContent content = examine_snapshot(repository, *commit, name.open_clip);
  if (content.layout && content.missing.empty()) return content.path;
  if (options.offline) {
    fail_offline(name, repository.snapshot(*commit), missing_files(content));
  }
  return {};
}

}  // namespace

fs::path resolve_model(const std::string& text, const HubOptions& options,
                       const Progress& progress) {
  const ModelName name = parse_model_name(text);
  if (name.kind == ModelName::Kind::kPath) return name.path;
  if (name.kind == ModelName::Kind::kRepository) {
    if (const std::optional<fs::path> found = find_snapshot(name, options)) return *found;
    return download_repository(name, options, progress);
  }
  const fs::path file = cached_file(name, options);
  std::error_code code;
  if (fs::is_regular_file(file, code)) return file;  // its checksum was checked when it came
  if (options.offline) fail_offline(name, file, {});
  return download_single_file(name, options, progress);
}

fs::path resolve_model_from_environment(const std::string& text, bool offline,
                                        const Progress& progress) {
  const ModelName name = parse_model_name(text);
  if (name.kind == ModelName::Kind::kPath) return name.path;
  HubOptions options = hub_options_from_environment();
  options.offline = options.offline || offline;
  return resolve_model(text, options, progress);
}

fs::path fetch_model(const std::string& text, const HubOptions& options, const Progress& progress) {
  const ModelName name = parse_model_name(text);
  if (name.kind == ModelName::Kind::kPath) {
    std::error_code code;
    if (fs::exists(name.path, code)) return name.path;
    throw Error(text,
                "no such file or folder: it is a path, and fetch needs the name of a model of the "
                "hub, for example openai/clip-vit-base-patch32",
                ErrorCode::kNotFound);
  }
  if (options.offline) return resolve_model(text, options, progress);
  return name.kind == ModelName::Kind::kRepository ? download_repository(name, options, progress)
                                                   : download_single_file(name, options, progress);
}

}  // namespace whyclip
