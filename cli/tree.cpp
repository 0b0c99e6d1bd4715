#include "cli/tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace whyclip::cli {
namespace {

constexpr int kIndent = 3;  // columns of "├─ "

int name_columns(const std::vector<TreeLine>& lines, int depth) {
  int most = 0;
  for (const TreeLine& line : lines) {
    most = std::max(
        {most, kIndent * depth + columns_of(line.name), name_columns(line.under, depth + 1)});
  }
  return most;
}

void draw(const std::vector<TreeLine>& lines, const std::string& stem, int width,
          const Terminal& terminal, std::string& text) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const TreeLine& line = lines[i];
    const bool last = i + 1 == lines.size();
    std::string row = pad(stem + (last ? "└─ " : "├─ ") + line.name, width) +
                      fmt::format(" {:>+11.5f}", line.value);
    if (!line.note.empty()) row += "  " + line.note;
    text += fit(row, terminal.width) + "\n";
    draw(line.under, stem + (last ? "   " : "│  "), width, terminal, text);
  }
}

}  // namespace

std::string draw_tree(const std::vector<TreeLine>& lines, const Terminal& terminal) {
  std::string text;
  draw(lines, "", name_columns(lines, 1), terminal, text);
  return text;
}

}  // namespace whyclip::cli
