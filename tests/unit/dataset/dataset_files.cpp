#include "tests/unit/dataset/dataset_files.h"

#include <utility>

#include "tests/unit/image/image_files.h"
#include "whyclip/io/file.h"

namespace whyclip::testing {
namespace {

std::string label_bytes(const std::vector<std::string>& rows) {
  std::string bytes;
  for (const std::string& row : rows) {
    for (const char c : row) bytes += c == 'v' ? '\xff' : char(c - '0');
  }
  return bytes;
}

PngParts parts_of(const std::vector<std::string>& rows) {
  return {.width = std::uint32_t(rows[0].size()),
          .height = std::uint32_t(rows.size()),
          .rows = label_bytes(rows)};
}

}  // namespace

std::filesystem::path SetFolder::write(const std::string& name, std::string_view text) const {
  write_file(path() / name, text);
  return path() / name;
}

void SetFolder::images(const std::vector<std::string>& names) const {
  for (const std::string& name : names) write(name, "not decoded");
}

void SetFolder::grey(const std::string& name, const std::vector<std::string>& rows) const {
  write_file(path() / name, png_of(parts_of(rows)));
}

void SetFolder::palette(const std::string& name, const std::vector<std::string>& rows) const {
  PngParts parts = parts_of(rows);
  parts.colour_type = 3;
  for (int i = 0; i < 768; ++i) parts.palette += char(i);
  write_file(path() / name, png_of(parts));
}

void SetFolder::colours(const std::string& name, const std::vector<int>& row) const {
  PngParts parts{
      .width = std::uint32_t(row.size()), .height = 1, .colour_type = 2, .rows = std::string()};
  for (const int colour : row) {
    for (const int shift : {16, 8, 0}) parts.rows += char(colour >> shift);
  }
  write_file(path() / name, png_of(parts));
}

std::vector<std::string> drawn(const std::vector<std::uint8_t>& mask, int width) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (i % std::size_t(width) == 0) rows.emplace_back();
    rows.back() += mask[i] == 0 ? '.' : mask[i] == 1 ? '#' : '?';
  }
  return rows;
}

std::string remarks_of(const Dataset& set) {
  std::string text;
  for (const DatasetRemark& remark : set.remarks()) {
    text += (text.empty() ? "" : " | ") + text_of(remark);
  }
  return text;
}

std::string names_of(const ImageAnnotation& annotation) {
  std::string names;
  for (const ThingMask& thing : annotation.things) names += (names.empty() ? "" : " ") + thing.name;
  return names;
}

}  // namespace whyclip::testing
