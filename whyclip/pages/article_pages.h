#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "whyclip/deoptimise.h"
#include "whyclip/image/image.h"
#include "whyclip/tracing.h"

namespace whyclip {

/// A self-contained HTML page of a tracing of this image (see html_page).
std::string page_of(const Tracing& tracing, const Image& image);

/// The same of a deoptimisation. `animation`: empty, or a WebP file (deoptimisation_animation).
std::string page_of(const Deoptimisation& deoptimisation, const Image& image,
                    std::span<const std::byte> animation = {});

}  // namespace whyclip
