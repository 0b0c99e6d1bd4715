#pragma once

#include <map>
#include <string>
#include <string_view>

namespace whyclip {

/// Escapes text for element content and quoted attributes. Invalid UTF-8 and control characters
/// become U+FFFD.
std::string escape_html(std::string_view text);

/// Replaces every {{name}} of a template by its value; values are not expanded again. Throws Error
/// naming a placeholder without a value.
std::string fill_template(std::string_view text,
                          const std::map<std::string_view, std::string_view>& values);

}  // namespace whyclip
