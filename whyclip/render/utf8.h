#pragma once

#include <string>
#include <string_view>

namespace whyclip {

/// The characters of a UTF-8 text; invalid bytes become U+FFFD.
std::u32string code_points(std::string_view text);

/// The UTF-8 of characters.
std::string to_utf8(std::u32string_view characters);

}  // namespace whyclip
