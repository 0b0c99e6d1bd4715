#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// The table with the few metrics that fit a terminal.
std::string evaluation_text(const Evaluation& evaluation);

/// leaderboard.html, .csv and .json.
std::vector<FileToWrite> evaluation_files(const Evaluation& evaluation,
                                          const std::filesystem::path& folder);

}  // namespace whyclip::cli
