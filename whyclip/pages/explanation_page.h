#pragma once

#include <string>

#include "whyclip/explain.h"
#include "whyclip/image/image.h"

namespace whyclip {

/// A self-contained HTML page of an explanation of this image. `limit`: units at full colour; 0:
/// the largest |value|. Throws Error as render_report does.
std::string explanation_page(const Explanation& explanation, const Image& image, double limit = 0);

}  // namespace whyclip
