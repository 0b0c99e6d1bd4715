#pragma once

// Not part of the public interface: labels.txt and classes.txt.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// What labels are called; numbers, or colours 0xRRGGBB.
struct LabelNames {
  std::map<int, std::string> names;
  bool colours = false;
};

/// Either every line is "17 cat", or every line is "#ff8000 cat", or a line is a name: of label 0
/// on if the first is "background" (or "ground", "__background__"), otherwise of label 1 on. Label
/// 0, and the colour #000000, is the ground and gets no name. Throws Error naming `file` and the
/// line for a label that is named twice, and for a file without names.
LabelNames parse_label_names(std::string_view text, const std::string& file);

/// The lines of a text, trimmed; with their numbers from 1, empty ones left out.
struct Line {
  int number = 0;
  std::string text;
};
std::vector<Line> text_lines(std::string_view text);

}  // namespace whyclip::detail
