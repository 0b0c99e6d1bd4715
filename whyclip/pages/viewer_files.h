#pragma once

#include <string_view>

namespace whyclip {

/// A file of the viewer, compiled in: "explanation.js" and "explanation.css" for the pages of
/// explanations, the same for each other kind of result that has a page, and "live.js", "live.css"
/// and "live.html" for the server. Empty for any other name.
std::string_view viewer_file(std::string_view name);

}  // namespace whyclip
