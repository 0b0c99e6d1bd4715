#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "whyclip/deoptimise.h"
#include "whyclip/image/image.h"
#include "whyclip/render/overlay.h"

namespace whyclip {

/// Where the cells of Deoptimisation::map lie on the image.
PatchGrid cells_of(const Deoptimisation& deoptimisation);

/// A self-contained HTML page of the deoptimisation of this image: the change by every channel
/// reduction, the losses by step, and the controls. `animation` is empty or a WebP file. Throws
/// Error as overlay does.
std::string deoptimisation_page(const Deoptimisation& deoptimisation, const Image& image,
                                const OverlayOptions& options = {},
                                std::span<const std::byte> animation = {});

/// The frames of DeoptimisationDetail as a WebP animation: overlays on one scale, or the changed
/// images. Throws Error if the result has none, and as overlay does.
std::vector<std::byte> deoptimisation_animation(const Deoptimisation& deoptimisation,
                                                const Image& image,
                                                const OverlayOptions& options = {});

}  // namespace whyclip
