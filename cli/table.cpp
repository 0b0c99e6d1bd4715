#include "cli/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace whyclip::cli {
namespace {

constexpr int kGap = 2, kMostColumnName = 16;

std::string right(std::string_view text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + std::string(text);
}

/// A column's lines: its name, and a number a row.
std::vector<std::string> lines_of(const Table& table, std::size_t column) {
  std::vector<std::string> lines{fit(one_line(table.columns[column]), kMostColumnName)};
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    lines.push_back(table.cell ? table.cell(r, column)
                               : fmt::format("{:+.4f}", table.value(r, column)));
  }
  int width = 0;
  for (const std::string& line : lines) width = std::max(width, columns_of(line));
  for (std::string& line : lines) line = right(line, width + kGap);
  return lines;
}

std::vector<std::string> row_names(const Table& table, const Terminal& terminal) {
  std::vector<std::string> names{""};
  int width = 0;
  for (const std::string& row : table.rows) {
    names.push_back(fit(one_line(row), terminal.width / 2));
    width = std::max(width, columns_of(names.back()));
  }
  for (std::string& name : names) name = pad(name, width);
  return names;
}

}  // namespace

std::string draw_table(const Table& table, const Terminal& terminal) {
  const std::vector<std::string> names = row_names(table, terminal);
  std::vector<std::string> band = names;
  std::string text;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::vector<std::string> lines = lines_of(table, c);
    const int width = columns_of(band[0]) + columns_of(lines[0]);
    if (terminal.width > 0 && width > terminal.width && band != names) {
      text += fmt::format("{}\n\n", fmt::join(band, "\n"));
      band = names;
    }
    for (std::size_t i = 0; i < band.size(); ++i) band[i] += lines[i];
  }
  return text + fmt::format("{}\n", fmt::join(band, "\n"));
}

}  // namespace whyclip::cli
