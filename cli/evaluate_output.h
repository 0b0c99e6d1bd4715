#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// What of a set is not in its leaderboard.
struct DatasetOmissions {
  std::vector<DatasetRemark> remarks;         ///< on opening the set
  std::map<std::string, std::string> images;  ///< that could not be used, and why
};

/// Notes for the text and the page: the kinds of remarks, then the first few images.
std::vector<std::string> skipped_notes(const DatasetOmissions& skipped);

std::string leaderboard_text(const Leaderboard& board);
Json leaderboard_json(const Leaderboard& board, const DatasetOmissions& skipped);
/// leaderboard.html, .csv and .json.
std::vector<FileToWrite> leaderboard_files(const Leaderboard& board,
                                           const DatasetOmissions& skipped,
                                           const std::filesystem::path& folder);

}  // namespace whyclip::cli
