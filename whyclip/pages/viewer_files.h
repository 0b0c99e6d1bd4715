#pragma once

#include <string_view>

namespace whyclip {

/// A file of the viewer, compiled in: "page.js" and "page.css" for pages, "live.js", "live.css" and
/// "live.html" for the server. Empty for any other name.
std::string_view viewer_file(std::string_view name);

}  // namespace whyclip
