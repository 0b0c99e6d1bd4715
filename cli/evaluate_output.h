#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// The rows' numbers by mean place over the columns' categories, best first.
std::vector<std::size_t> best_first(const Leaderboard& board);

std::string leaderboard_text(const Leaderboard& board);
Json leaderboard_json(const Leaderboard& board);
/// leaderboard.html, .csv and .json.
std::vector<FileToWrite> leaderboard_files(const Leaderboard& board,
                                           const std::filesystem::path& folder);

}  // namespace whyclip::cli
