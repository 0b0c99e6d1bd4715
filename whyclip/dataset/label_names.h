#pragma once

// Not part of the public interface: labels.txt and classes.txt.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// The names of labels.
struct LabelNames {
  std::map<int, std::string> names;  ///< by number, or by colour 0xRRGGBB
  bool colours = false;
};

/// Parses a names file. Every line is "17 cat", or every line is "#ff8000 cat", or every line is a
/// name. Plain names start at label 0 if the first is "background" (or "ground",
/// "__background__"), otherwise at label 1. Label 0 and the colour #000000 are the background and
/// get no name. Throws Error naming `file` and the line if a label is named twice or the file has
/// no names.
LabelNames parse_label_names(std::string_view text, const std::string& file);

/// A trimmed line that is not empty, and its number from 1.
struct Line {
  int number = 0;
  std::string text;
};
/// The lines of a text without empty ones.
std::vector<Line> text_lines(std::string_view text);

}  // namespace whyclip::detail
