#include "cli/files.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// Leaves room for the longest ending, ".strong-contributors….regions.png", in 255 bytes.
constexpr std::size_t kMostOfStem = 170;

/// Eight hexadecimal digits of a text: FNV-1a (Fowler, Noll and Vo), 64 bits folded to 32.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return fmt::format("{:08x}", std::uint32_t(hash ^ (hash >> 32)));
}

/// At most so many bytes of a text, up to the end of a character.
std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto inside = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  std::size_t end = most;
  while (end > 0 && inside(end)) --end;
  return text.substr(0, end == 0 ? most : end);
}

/// Whether a text has characters beyond ASCII that are not of U+2000 to U+2BFF, punctuation and
/// symbols, which names of targets have: “cat”, cat − dog, t ≥ 0.75.
bool has_other_letters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    if (byte(i) < 0x80) continue;
    if (byte(i) != 0xE2 || byte(i + 1) > 0xAF) return true;
    i += 2;
  }
  return false;
}

/// What is wrong with a name for files; empty if nothing is.
std::string wrong_with_name(const std::string& name) {
  if (name.empty()) return "expected the beginning of a file's name, got none";
  if (name.find('/') != name.npos) {
    return fmt::format("expected a name without a slash (--out names the folder), got {}", name);
  }
  if (name.size() > kMostOfStem) {
    return fmt::format("expected at most {} bytes, got {}", kMostOfStem, name.size());
  }
  return {};
}

}  // namespace

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

std::vector<FileToWrite> page_and_json(const std::string& stem, const std::filesystem::path& folder,
                                       std::string html, std::string json) {
  const auto file = [&](const char* ending, std::string content) -> FileToWrite {
    return {folder / (stem + ending),
            [content = std::move(content)](const auto& path) { write_file(path, content); }};
  };
  return {file(".json", std::move(json) + "\n"), file(".html", std::move(html))};
}

std::string slug(const std::string& text) {
  constexpr std::size_t kMost = 60;
  std::string result;
  bool cut = false;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
      result += c;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
    cut = result.size() >= kMost;
    if (cut) break;
  }
  while (!result.empty() && result.back() == '-') result.pop_back();
  if (result.empty()) result = "target";
  return cut || has_other_letters(text) ? result + "-" + hash_of(text) : result;
}

std::string file_stem(const std::string& name, const std::string& image,
                      const std::optional<std::string>& target) {
  if (!name.empty()) return name;
  const std::string file = shown_name(image), ending = target ? "." + slug(*target) : "";
  const std::string stem = std::filesystem::path(file).stem().string();
  const std::size_t most = kMostOfStem - ending.size();
  if (stem.size() <= most) return stem + ending;
  const std::string hash = hash_of(file);
  return fmt::format("{}-{}{}", beginning(stem, most - hash.size() - 1), hash, ending);
}

void add_name_option(Command& command, std::string& name) {
  command
      .add_option("--name", name,
                  "What the names of the written files begin with [default: the image's name and "
                  "the target's]")
      ->type_name("NAME")
      ->check(wrong_with_name);
}

void check_name(const std::string& name, bool writes) {
  if (name.empty() || writes) return;
  throw Error("--name", "names the files that are written, and none are: name a folder with --out");
}

}  // namespace whyclip::cli
