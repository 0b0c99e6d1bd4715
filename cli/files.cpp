#include "cli/files.h"

#include <fmt/format.h>

#include "cli/terminal.h"

namespace whyclip::cli {

void write_together(const std::vector<FileToWrite>& files) {
  std::vector<std::filesystem::path> made;
  try {
    for (const FileToWrite& file : files) {
      std::error_code unknown;
      const bool is_new = !std::filesystem::exists(file.path, unknown);
      file.write(file.path);
      if (is_new) made.push_back(file.path);
    }
  } catch (...) {
    for (const std::filesystem::path& path : made) {
      std::error_code ignored;  // what went wrong first is what is told
      std::filesystem::remove(path, ignored);
    }
    throw;
  }
}

std::string written_text(const std::vector<FileToWrite>& files) {
  std::string text = "Written:\n";
  for (const FileToWrite& file : files) {
    text += fmt::format("  {}\n", one_line(file.path.string()));
  }
  return text;
}

std::string slug(const std::string& text) {
  constexpr std::size_t kMost = 60;
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
      result += c;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
    if (result.size() >= kMost) break;
  }
  while (!result.empty() && result.back() == '-') result.pop_back();
  return result.empty() ? "target" : result;
}

}  // namespace whyclip::cli
