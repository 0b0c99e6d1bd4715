#include "whyclip/dataset/label_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// A line that starts with its label.
struct NamedLabel {
  int label = 0;
  bool colour = false;
  std::string name;
};

std::optional<NamedLabel> parse_named(std::string_view line) {
  const std::size_t space = line.find_first_of(kSpace);
  if (space == line.npos) return std::nullopt;
  std::string_view word = line.substr(0, space);
  const bool colour = word.starts_with('#') && word.size() == 7;
  if (colour) word.remove_prefix(1);
  int label = -1;
  const auto [end, code] =
      std::from_chars(word.data(), word.data() + word.size(), label, colour ? 16 : 10);
  if (code != std::errc() || end != word.data() + word.size() || label < 0) return std::nullopt;
  return NamedLabel{label, colour, std::string(trimmed(line.substr(space)))};
}

bool is_background(const std::string& name) {
  return name == "background" || name == "ground" || name == "__background__" ||
         name == "_background_";
}

}  // namespace

std::vector<Line> text_lines(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty()) lines.push_back({number, std::string(line)});
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

LabelNames parse_label_names(std::string_view text, const std::string& file) {
  const std::vector<Line> lines = text_lines(text);
  if (lines.empty()) throw Error(file, "expected a label name on every line, got none");
  std::vector<NamedLabel> named;
  for (const Line& line : lines) {
    if (std::optional<NamedLabel> label = parse_named(line.text)) named.push_back(*label);
  }
  const bool all_named = named.size() == lines.size();
  LabelNames result{{}, all_named && named.front().colour};
  const int first = is_background(lines.front().text) ? 0 : 1;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int label = all_named ? named[i].label : first + int(i);
    const std::string where = fmt::format("{}: line {}", file, lines[i].number);
    if (all_named && named[i].colour != result.colours) {
      throw Error(where, "expected labels that are all numbers or all colours, got both");
    }
    const auto [entry, is_new] =
        result.names.emplace(label, all_named ? named[i].name : lines[i].text);
    if (!is_new) {
      throw Error(where, fmt::format("label {} has a name already, \"{}\"", label, entry->second));
    }
  }
  result.names.erase(0);
  if (result.names.empty())
    throw Error(file, "has only a name for the background; expected the name of a thing too");
  return result;
}

}  // namespace whyclip::detail
