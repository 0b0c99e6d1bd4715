#pragma once

#include <filesystem>
#include <string>

#include "cli/explanation.h"

namespace whyclip::cli {

/// The score and what it adds up from, for a terminal.
std::string explanation_text(const Explanation& explanation);

/// Writes two overlays, .npz, .json and .html into the folder, all or none. Returns their paths for
/// the reader.
std::string write_all(const ExplainedImage& explained, const OverlayOptions& overlay,
                      const std::filesystem::path& folder);

}  // namespace whyclip::cli
