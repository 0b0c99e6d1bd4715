#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace whyclip::cli {

/// Numbers with names above and beside them.
struct Table {
  std::vector<std::string> rows, columns;
  std::function<double(std::size_t row, std::size_t column)> value;
  /// Instead of a value with a sign and four digits: any text.
  std::function<std::string(std::size_t row, std::size_t column)> cell = {};
};

/// The lines of a table. What is too wide for a terminal goes on below, under the same row names.
std::string draw_table(const Table& table, const Terminal& terminal);

}  // namespace whyclip::cli
