#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/hub/hub_options.h"
#include "whyclip/hub/repository_files.h"

namespace whyclip {

/// A repository in Hugging Face's cache:
///
///   CACHE/models--ORG--NAME/refs/main             the commit of a branch or tag
///   CACHE/models--ORG--NAME/blobs/CHECKSUM        content
///   CACHE/models--ORG--NAME/snapshots/COMMIT/FILE  a link to the content
///   CACHE/models--ORG--NAME/.no_exist/COMMIT/FILE  the commit has no such file
///   CACHE/.locks/models--ORG--NAME/CHECKSUM.lock
///
/// Reference: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
class CachedRepository {
 public:
  CachedRepository(const std::filesystem::path& cache, const std::string& repository);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path snapshot(const std::string& commit) const;
  std::filesystem::path blob(const std::string& checksum) const;
  std::filesystem::path lock(const std::string& checksum) const;
  std::filesystem::path absence(const std::string& commit, const std::string& file) const;

  /// The commit of a branch or tag (empty: main), or the commit itself if the cache has it.
  std::optional<std::string> commit_of(const std::string& revision) const;
  /// The commits with a snapshot that no branch or tag means.
  std::vector<std::string> unnamed_commits() const;
  /// Branches and tags of each commit.
  std::map<std::string, std::vector<std::string>> references() const;
  void set_reference(const std::string& revision, const std::string& commit) const;

  /// Makes snapshots/COMMIT/FILE a link to the content, or a copy where there are no links.
  void link(const std::string& commit, const std::string& file, const std::string& checksum,
            bool symlinks) const;
  void set_absent(const std::string& commit, const std::string& file) const;

 private:
  std::filesystem::path folder_, locks_;
};

/// What a snapshot has of a checkpoint.
struct SnapshotContent {
  std::optional<RepositoryLayout> layout = {};  ///< none: no configuration of a CLIP model
  std::string family = {};                      ///< "clip", as its configuration says
  std::vector<std::string> missing = {};        ///< files; empty: the snapshot is complete
  std::filesystem::path path = {};              ///< what to open
};

/// Looks at a snapshot's names and its small configuration, not at weights.
SnapshotContent examine_snapshot(const CachedRepository& repository, const std::string& commit,
                                 bool open_clip = false);

/// Whether the text is a full commit hash.
bool is_commit(std::string_view text);

/// "openai/clip-vit-base-patch32" for a folder "models--openai--clip-vit-base-patch32"; empty if it
/// is none.
std::string repository_of_folder(std::string_view folder);

}  // namespace whyclip
