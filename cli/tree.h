#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace whyclip::cli {

/// A line of a tree with a number, and what stands under it.
struct TreeLine {
  std::string name;
  double value = 0;
  std::string note = {};  ///< items with commas between them, the most important first
  std::vector<TreeLine> under = {};
};

/// The lines of a tree, numbers in one column with their signs. On a terminal names are cut, and
/// notes lose what has no room; numbers are always whole.
std::string draw_tree(const std::vector<TreeLine>& lines, const Terminal& terminal);

}  // namespace whyclip::cli
