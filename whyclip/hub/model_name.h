#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace whyclip {

/// What a user's name of a model stands for.
struct ModelName {
  enum class Kind {
    kPath,        ///< a file or folder
    kRepository,  ///< a repository of the hub
    kFile,        ///< a single file with an address of its own
  };

  std::string text = {};  ///< as the user wrote it
  Kind kind = Kind::kPath;
  std::filesystem::path path = {};
  std::string repository = {};  ///< "openai/clip-vit-base-patch32"
  std::string revision = {};    ///< branch, tag or commit; empty: main
  std::string doubt = {};       ///< why the repository may not be what is meant; mostly empty
  bool open_clip = false;       ///< take open_clip's files if the repository has them
  std::string address = {};     ///< of the single file
  std::string sha256 = {};      ///< of the single file: the checksum or its first digits
};

/// Reads the name of a model:
///
///   an existing file or folder, or what begins with /, ./, ../ or ~/    a path
///   org/name, org/name@revision                                        a repository
///   hf-hub:org/name, hf-hub:org/name@revision                          the same, open_clip's files
///   ViT-B-32/laion2b_s34b_b79k or ViT-B-32:laion2b_s34b_b79k            open_clip's registry
///   ViT-B/32, ViT-L/14@336px                                           OpenAI's clip.load
///
/// If the part before the last / is an architecture of the registry, the name is one of the
/// registry. Throws Error saying what was tried.
ModelName parse_model_name(std::string_view text);

/// Throws Error naming `where` unless the text can be a revision: a git reference without "..", or
/// a commit.
void check_revision(std::string_view revision, std::string_view where);

}  // namespace whyclip
