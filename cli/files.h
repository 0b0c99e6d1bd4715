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

/// A part of a file's name that every file system takes: letters, digits and hyphens, "target" if
/// the text has none.
std::string slug(const std::string& text);

/// "Written:" and their paths, a line each.
std::string written_text(const std::vector<FileToWrite>& files);

}  // namespace whyclip::cli
