#pragma once

#include <optional>
#include <string>

#include "whyclip/image/image.h"

namespace whyclip::server {

/// The page of a result of the article's calls, from its JSON; none for another kind, and in a
/// build without the article. Throws RequestError without the image.
std::optional<std::string> article_page(const std::string& kind, const std::string& text,
                                        const Image* image);

}  // namespace whyclip::server
