#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/images.h"

namespace whyclip::cli {

/// Words for heads, with what is said of them.
struct NamedHeads {
  std::string model;
  std::int64_t images = 0;
  std::vector<std::string> words;  ///< all that there were to choose from
  std::vector<HeadWords> heads;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> cautions;  ///< of the model; said before on standard error
  std::vector<std::string> notes;
  std::vector<Skipped> skipped = {};
};

Json heads_json(const NamedHeads& named);
/// Lists for a terminal.
std::string heads_text(const NamedHeads& named);
/// heads.json and heads.html in a folder; both are made before one is written.
std::vector<FileToWrite> heads_files(const NamedHeads& named, const std::filesystem::path& folder);

}  // namespace whyclip::cli
