#pragma once

#include <filesystem>

#include "whyclip/core/progress.h"
#include "whyclip/hub/hub_options.h"
#include "whyclip/hub/model_name.h"

namespace whyclip {

/// Downloads what whyclip reads of a repository (configurations, tokenizer, one form of the
/// weights) into Hugging Face's cache, in its layout. Files that the cache has are not downloaded
/// again. Returns what to open. Throws Error naming repository and file, and Cancelled; the cache
/// then has no reference to the incomplete snapshot, and the next call continues.
/// Reference: https://huggingface.co/docs/hub/api
std::filesystem::path download_repository(const ModelName& name, const HubOptions& options,
                                          const Progress& progress);

/// Where the single file of a name is, or will be.
std::filesystem::path cached_file(const ModelName& name, const HubOptions& options);

/// Downloads the single file of a name to `cached_file`, unless it is there and its checksum is
/// right. Returns its path.
std::filesystem::path download_single_file(const ModelName& name, const HubOptions& options,
                                           const Progress& progress);

}  // namespace whyclip
