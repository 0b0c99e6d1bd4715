#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// The comparison for a terminal.
std::string comparison_text(const Comparison& comparison);

/// Contact sheet, maps (.npz), JSON and page; they refer to the comparison.
std::vector<FileToWrite> comparison_files(const Comparison& comparison, const Image& image,
                                          const std::filesystem::path& folder,
                                          const std::string& stem);

}  // namespace whyclip::cli
