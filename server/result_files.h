#pragma once

#include <optional>
#include <string>

#include "server/json_body.h"
#include "whyclip/image/image.h"

// Files made from a result that a client sends back.

namespace whyclip::server {

/// A self-contained HTML page. Throws RequestError for a result that has no page, or whose page
/// needs the image; and as the readers of results do.
std::string page_of(const Json& result, const Image* image);

/// The overlay of an explanation as PNG. Throws RequestError for another kind of result; and as
/// overlay does.
std::string overlay_of(const Json& result, const Image* image);

}  // namespace whyclip::server
