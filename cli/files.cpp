#include "cli/files.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "cli/images.h"
#include "cli/terminal.h"
#include "whyclip/core/random.h"
#include "whyclip/core/utf8.h"

namespace whyclip::cli {
namespace {

/// Leaves room for the longest ending, ".strong-contributors….regions.png", in 255 bytes.
constexpr std::size_t kMostOfStem = 170;

/// Eight hexadecimal digits of a text: a 64-bit hash folded to 32 bits.
std::string hash_of(std::string_view text) {
  const std::uint64_t hash = seed_from(std::as_bytes(std::span(text)));
  return fmt::format("{:08x}", std::uint32_t(hash ^ (hash >> 32)));
}

/// Whether a text has characters beyond ASCII that are not of U+2000 to U+2BFF, punctuation and
/// symbols, which names of targets have: “cat”, cat − dog, t ≥ 0.75.
bool has_other_letters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<char32_t> code = next_code_point(text, at);
    if (!code || (*code > 0x7F && (*code < 0x2000 || *code > 0x2BFF))) return true;
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
  return fmt::format("{}-{}{}", cut_at_character(stem, most - hash.size() - 1), hash, ending);
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
