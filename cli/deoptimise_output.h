#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/files.h"
#include "whyclip/article.h"

namespace whyclip::cli {

/// The summary for the terminal.
std::string deoptimised_text(const Deoptimisation& result);

/// STEM.deoptimised.overlay.png, .npz, .json, .html, and if there are any the changed image
/// (.edited.png) and the animation (.webp). Takes the details out of the result, which are not part
/// of the .json.
std::vector<FileToWrite> deoptimised_files(Deoptimisation& result, const Image& image,
                                           const OverlayOptions& options, const std::string& stem,
                                           const std::filesystem::path& folder);

}  // namespace whyclip::cli
