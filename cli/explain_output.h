#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// Everything there is to tell about one explanation.
struct Explained {
  std::string path;
  Picture source;
  Preprocessed prepared;
  ZeroShot zero_shot;
  Scores scores;
  Contributions contributions;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;
};

Json to_json(const Clip& clip, const Explained& explained);
/// The ledger summed up for a terminal.
std::string to_text(const Explained& explained);

/// Writes STEM.overlay.png, STEM.multiply.png, STEM.npz, STEM.json and STEM.html; returns their
/// paths.
std::vector<std::filesystem::path> write_all(const Clip& clip, const Explained& explained,
                                             const OverlayOptions& overlay_options,
                                             const std::filesystem::path& folder);

}  // namespace whyclip::cli
