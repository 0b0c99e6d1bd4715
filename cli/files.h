#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace whyclip::cli {

/// A file, and what writes it, complete or not at all.
struct FileToWrite {
  std::filesystem::path path;
  std::function<void(const std::filesystem::path&)> write;
};

/// Writes them all. If one cannot be written, those are removed again that were not there before.
void write_together(const std::vector<FileToWrite>& files);

/// "Written:" and their paths, a line each.
std::string written_text(const std::vector<FileToWrite>& files);

}  // namespace whyclip::cli
