#pragma once

#include <cstddef>
#include <string>

#include "whyclip/image/image.h"
#include "whyclip/inspect.h"

namespace whyclip {

/// A self-contained HTML page of an inspection of this image. `top`: rows per table. Throws Error
/// as render_inspection does.
std::string inspection_page(const InspectionResult& result, const Image& image,
                            std::size_t top = 10);

}  // namespace whyclip
