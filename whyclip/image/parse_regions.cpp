#include "whyclip/image/parse_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void reject(const std::string& text) {
  throw Error("regions", fmt::format("expected patches, blocks:ROWSxCOLUMNS, slic:COUNT, "
                                     "slic:COUNT:COMPACTNESS, the path of a PNG of labels, or "
                                     "paths of two or more PNG masks with commas between them; "
                                     "got \"{}\"",
                                     text));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Parses all of `part`, a part of `text`, as a number.
template <class Number>
Number number(const std::string& part, const std::string& text) {
  Number result{};
  const char* end = part.data() + part.size();
  const auto [stop, code] = std::from_chars(part.data(), end, result);
  if (code != std::errc() || stop != end) reject(text);
  return result;
}

Regions parse_blocks(const std::string& text, const PatchGrid& grid) {
  const std::vector<std::string> parts = split(text.substr(text.find(':') + 1), 'x');
  if (parts.size() != 2) reject(text);
  return block_regions(grid, number<int>(parts[0], text), number<int>(parts[1], text));
}

Regions parse_slic(const std::string& text, const Image& source, const PatchGrid& grid) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() > 3) reject(text);
  SlicOptions options;
  options.count = number<int>(parts[1], text);
  if (parts.size() == 3) options.compactness = number<double>(parts[2], text);
  return superpixel_regions(grid, source, options);
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_directory(status);
}

/// Splits paths at commas. A path may contain commas: the next path is the shortest one that
/// exists; if none exists, it ends at the next comma.
std::vector<std::string> split_paths(const std::string& text) {
  const std::vector<std::string> parts = split(text, ',');
  std::vector<std::string> paths;
  for (std::size_t begin = 0; begin < parts.size();) {
    std::string path = parts[begin];
    std::size_t end = begin + 1;
    while (!is_file(path) && end < parts.size()) path += "," + parts[end++];
    if (!is_file(path)) {
      path = parts[begin];
      end = begin + 1;
    }
    paths.push_back(std::move(path));
    begin = end;
  }
  return paths;
}

Regions read_masks(const std::string& text, const LabelledView& view,
                   const RegionOptions& options) {
  const std::vector<std::string> paths = split_paths(text);
  for (const std::string& path : paths) {
    if (path.empty()) reject(text);
  }
  std::vector<Mask> masks;
  bool distinct = true;
  for (const std::string& path : paths) {
    Mask mask{fs::path(path).stem().string(), read_labels(path)};
    distinct = distinct && std::none_of(masks.begin(), masks.end(),
                                        [&](const Mask& other) { return other.name == mask.name; });
    masks.push_back(std::move(mask));
  }
  for (std::size_t m = 0; m < masks.size() && !distinct; ++m) masks[m].name = paths[m];
  return mask_regions(view, masks, options);
}

}  // namespace

Regions parse_regions(const std::string& text, const Image& source, const LabelledView& view,
                      const RegionOptions& options) {
  if (text == "patches") return patch_regions(view.grid);
  if (text.starts_with("blocks:")) return parse_blocks(text, view.grid);
  if (text.starts_with("slic:")) return parse_slic(text, source, view.grid);
  const bool masks = text.find(',') != text.npos && !is_file(text);
  if (masks) return read_masks(text, view, options);
  std::error_code ignored;
  if (!fs::exists(text, ignored)) reject(text);
  return label_regions(view, read_labels(text), options, text);
}

}  // namespace whyclip
