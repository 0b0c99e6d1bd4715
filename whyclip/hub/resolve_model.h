#pragma once

#include <filesystem>
#include <string>

#include "whyclip/core/progress.h"
#include "whyclip/hub/hub_options.h"

namespace whyclip {

/// The path that Clip::open can open for what a user calls a model: a path, "org/name",
/// "org/name@revision", "hf-hub:org/name", open_clip's "architecture/tag", or a name of OpenAI's
/// clip.load (see parse_model_name). A model that the cache has is used without the network; any
/// other is downloaded into the cache. Throws Error naming the model, the file and what to do, and
/// Cancelled.
std::filesystem::path resolve_model(const std::string& name, const HubOptions& options,
                                    const Progress& progress = {});

/// The same, but asks the hub for the newest commit of the branch first. The path of an existing
/// file or folder is returned unchanged; any other path is an error.
std::filesystem::path fetch_model(const std::string& name, const HubOptions& options,
                                  const Progress& progress = {});

/// resolve_model with hub_options_from_environment, which a path does not need. `offline`: never
/// use the network, whatever the environment says.
std::filesystem::path resolve_model_from_environment(const std::string& name, bool offline,
                                                     const Progress& progress = {});

}  // namespace whyclip
