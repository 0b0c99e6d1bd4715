#pragma once

#include <map>
#include <string>
#include <string_view>

namespace whyclip {

/// Text made safe for element content and for quoted attributes; bytes that are no UTF-8 and
/// control characters become U+FFFD.
std::string escape_html(std::string_view text);

/// The template with every {{name}} replaced by its value; values are not searched again. Throws
/// Error naming a placeholder without a value.
std::string fill_template(std::string_view text,
                          const std::map<std::string_view, std::string_view>& values);

}  // namespace whyclip
