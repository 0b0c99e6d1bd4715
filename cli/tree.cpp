#include "cli/tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace whyclip::cli {
namespace {

constexpr int kIndent = 3;  // columns of "├─ "
constexpr int kNumber = 12, kTreeGap = 2, kLeastName = 12;

int name_columns(const std::vector<TreeLine>& lines, int depth) {
  int most = 0;
  for (const TreeLine& line : lines) {
    most = std::max(
        {most, kIndent * depth + columns_of(line.name), name_columns(line.under, depth + 1)});
  }
  return most;
}

/// The items of a note that fit the columns.
std::string whole_samples(std::string note, int columns) {
  while (columns_of(note) > columns) {
    const std::size_t end = note.find_last_of(",;");
    if (end == note.npos) return {};
    note.resize(end);
  }
  return note;
}

void draw(const std::vector<TreeLine>& lines, const std::string& stem, int width,
          const Terminal& terminal, std::string& text) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const TreeLine& line = lines[i];
    const bool last = i + 1 == lines.size();
    const std::string name = fit(stem + (last ? "└─ " : "├─ ") + line.name, width);
    std::string row = pad(name, width) + fmt::format(" {:>+11.5f}", line.value);
    const std::string note =
        terminal.width == 0 ? line.note
                            : whole_samples(line.note, terminal.width - columns_of(row) - kTreeGap);
    if (!note.empty()) row += std::string(kTreeGap, ' ') + note;
    text += row + "\n";
    draw(line.under, stem + (last ? "   " : "│  "), width, terminal, text);
  }
}

}  // namespace

std::string draw_tree(const std::vector<TreeLine>& lines, const Terminal& terminal) {
  std::string text;
  int width = name_columns(lines, 1);
  if (terminal.width > 0) width = std::min(width, std::max(terminal.width - kNumber, kLeastName));
  draw(lines, "", width, terminal, text);
  return text;
}

}  // namespace whyclip::cli
