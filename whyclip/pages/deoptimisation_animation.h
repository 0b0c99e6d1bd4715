#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/deoptimise.h"
#include "whyclip/image/image.h"
#include "whyclip/render/overlay.h"

namespace whyclip {

/// Where the cells of Deoptimisation::map lie on the image.
PatchGrid cells_of(const Deoptimisation& deoptimisation);

/// The frames of DeoptimisationDetail as a WebP animation: overlays on one scale, or the changed
/// images. Throws Error if the result has none, and as overlay does.
std::vector<std::byte> deoptimisation_animation(const Deoptimisation& deoptimisation,
                                                const Image& image,
                                                const OverlayOptions& options = {});

}  // namespace whyclip
