#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

std::string leaderboard_text(const Leaderboard& board);
Json leaderboard_json(const Leaderboard& board);
/// leaderboard.html, .csv and .json.
std::vector<FileToWrite> leaderboard_files(const Leaderboard& board,
                                           const std::filesystem::path& folder);

}  // namespace whyclip::cli
