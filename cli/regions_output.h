#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// The best `top` targets; features each with its regions by sign.
std::string regions_text(const RegionTable& table, std::size_t top);

/// BASE.regions.json and, from table.vectors, BASE.regions.npz; for features also an overlay of
/// each of the best `top` targets, BASE.feature-92.regions.png. All are made before the first one
/// is written.
std::vector<FileToWrite> region_files(const RegionTable& table, const Image& image, std::size_t top,
                                      const std::filesystem::path& base);

}  // namespace whyclip::cli
