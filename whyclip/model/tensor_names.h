#pragma once

#include <optional>
#include <span>
#include <string>

#include "whyclip/model/model_files.h"

// What the names of a checkpoint's tensors tell, without a config.

namespace whyclip {

/// One line with family and reason if the tensors belong to a model that whyclip does not read: "a
/// SigLIP model: its pooling head is not supported yet". Names may begin with a prefix (module.).
/// Returns nothing for a plain CLIP and for names that no rule knows.
std::optional<std::string> unsupported_family(std::span<const std::string> names);

/// The prefix of the towers' names: "module." of module.visual.conv1.weight, "" without one or if
/// the file has no tensor of a CLIP tower. Throws Error if the towers have several prefixes (two
/// models in one file).
std::string tensor_prefix(std::span<const std::string> names, const std::string& file);

/// The naming scheme of a file of a CLIP tower, without prefix; nothing if no tensor is known.
std::optional<CheckpointLayout> layout_of(std::span<const std::string> names);

}  // namespace whyclip
