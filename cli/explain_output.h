#pragma once

#include <filesystem>
#include <string>

#include "cli/explanation.h"

namespace whyclip::cli {

Json to_json(const Explanation& e);
/// The ledger summed up for a terminal.
std::string to_text(const Explanation& e);
/// The page: image, heatmap, ledger, components.
std::string page(const Explanation& e, const OverlayOptions& options);

/// Writes STEM.overlay.png, STEM.multiply.png, STEM.npz, STEM.json and STEM.html; returns the lines
/// that say so.
std::string write_all(const Explanation& e, const OverlayOptions& overlay_options,
                      const std::filesystem::path& folder);

}  // namespace whyclip::cli
