#pragma once

#include <string>
#include <string_view>

namespace whyclip {

/// A name from a file as a message shows it: bytes that are control characters or not UTF-8 become
/// \xNN, and a long name is cut after about 80 bytes.
std::string printable(std::string_view text);

/// Returns whether the text is UTF-8 without control characters.
bool is_printable(std::string_view text);

}  // namespace whyclip
