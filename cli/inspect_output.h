#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// A score taken apart, with what is said of it.
struct Inspected {
  std::string model, path, name;  ///< name: of the files; empty: after the image
  Image source;
  Inspection score;
  std::vector<std::string> names;       ///< of the classes or prompts that compete
  std::vector<Confidence> confidences;  ///< theirs
  double image_threshold, text_threshold;
  std::size_t top;  ///< how many lines a table has at the most
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;
};

Json to_json(const Inspected& inspected);
/// Tables for a terminal.
std::string to_text(const Inspected& inspected);
/// STEM.inspect.json and STEM.inspect.html in a folder; both are made before one is written.
std::vector<FileToWrite> files_of(const Inspected& inspected, const std::filesystem::path& folder);

}  // namespace whyclip::cli
