#include "whyclip/dataset/coco_images.h"

#include <algorithm>
#include <cstddef>
#include <system_error>

#include "whyclip/dataset/image_folder.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decodes "a%20b" to "a b" (RFC 3986, section 2.1).
std::string percent_decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    result += low >= 0 ? char(high * 16 + low) : text[i];
    if (low >= 0) i += 2;
  }
  return result;
}

/// The names of a path after its last "..", without host and query if it is a URL.
std::vector<std::string> names_below(std::string text) {
  if (const std::size_t scheme = text.find("://"); scheme != text.npos) {
    text.erase(0, std::min(text.find('/', scheme + 3), text.size()));
    text.erase(std::min(text.find_first_of("?#"), text.size()));
  }
  std::vector<std::string> names;
  for (std::string& name : path_names(text)) {
    if (name == "..") names.clear();
    if (name.empty() || name == "." || name == "..") continue;
    names.push_back(std::move(name));
  }
  return names;
}

/// The path as written, with slashes for backslashes, and percent-decoded.
std::vector<std::string> path_variants(const std::string& path) {
  if (path.find('\0') != path.npos) return {};
  std::vector<std::string> texts{path};
  std::string slashes = path;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  if (slashes != path) texts.push_back(slashes);
  if (std::string plain = percent_decoded(slashes);
      plain != slashes && plain.find('\0') == plain.npos) {
    texts.push_back(std::move(plain));
  }
  return texts;
}

}  // namespace

std::vector<fs::path> coco_image_folders(const fs::path& file, const DatasetOptions& options) {
  if (!options.images.empty()) return {options.images};
  const fs::path folder = file.parent_path();
  std::vector<fs::path> folders{folder, folder / "images", folder / "..", folder / ".." / "images"};
  const std::string stem = file.stem().string();
  if (const std::size_t mark = stem.find('_'); mark != stem.npos) {
    folders.push_back(folder / ".." / stem.substr(mark + 1));
    folders.push_back(folder / ".." / "images" / stem.substr(mark + 1));
  }
  return folders;
}

std::optional<CocoImageFile> find_coco_image(const std::vector<fs::path>& folders,
                                             const std::string& path) {
  for (const std::string& text : path_variants(path)) {
    const std::vector<std::string> names = names_below(text);
    for (std::size_t first = 0; first < names.size(); ++first) {
      fs::path tail;
      for (std::size_t i = first; i < names.size(); ++i) tail /= names[i];
      for (const fs::path& folder : folders) {
        std::error_code code;
        const fs::path file = (folder / tail).lexically_normal();
        if (fs::is_regular_file(file, code)) return {{file, tail.generic_string(), first > 0}};
      }
    }
  }
  return std::nullopt;
}

}  // namespace whyclip::detail
