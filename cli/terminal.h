#pragma once

#include <string>
#include <string_view>

#include "whyclip/core/utf8.h"

namespace whyclip::cli {

/// What standard output can show. On anything but a terminal: no colour, no limit to the width.
struct Terminal {
  bool colour = false;
  int width = 0;  ///< columns, 0 if there is no limit

  static Terminal standard_output();
  static Terminal standard_error();
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;
  /// A horizontal bar for a contribution in [0, 1], up to `columns` wide; empty where there is no
  /// terminal.
  std::string bar(double contribution, int columns) const;
};

/// The text cut to that many columns, with an ellipsis if something is missing; a limit of 0 or
/// less cuts nothing.
std::string fit(std::string_view text, int columns);
/// The text with line breaks between words, so that no line is wider unless a word is; 0 or less
/// breaks nothing.
std::string wrap(std::string_view text, int columns);
/// The text with control characters escaped (\n, \x1B), as names of files may have them.
std::string one_line(std::string_view text);
/// The text with spaces added to that many columns.
std::string pad(std::string_view text, int columns);
/// A name in that many columns and what it stands for beside it, which goes on below where a line
/// of `width` ends (0: never); underneath where that is too narrow.
std::string definition(const std::string& name, const std::string& text, int columns, int width);

}  // namespace whyclip::cli
