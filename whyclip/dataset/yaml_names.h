#pragma once

// Not part of the public interface.

#include <string>
#include <string_view>
#include <vector>

namespace whyclip::detail {

/// The class names of a YOLO data.yaml: its key "names" at the top level, as [a, b], as
/// {0: a, 1: b}, as lines "- a" or as lines "0: a". Throws Error naming `file` and the line for any
/// other form, for a number that is missing or appears twice, and for text that is not YAML or
/// larger than 512 KiB.
std::vector<std::string> parse_yaml_names(std::string_view text, const std::string& file);

/// The values of another key at the top level, a single text or a list; none if the key is missing
/// or empty. Throws Error naming `file` and the line for any other form and as parse_yaml_names
/// does.
std::vector<std::string> parse_yaml_texts(std::string_view text, const std::string& file,
                                          std::string_view key);

}  // namespace whyclip::detail
