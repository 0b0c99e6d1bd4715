#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "whyclip/image/image.h"

namespace whyclip {

/// Reads the EXIF orientation, 1 … 8: the first value of tag 0x0112 of the EXIF block (a TIFF
/// structure, with or without "Exif\0\0" before it), of any numeric type; without that tag,
/// tiff:Orientation of the XMP packet; otherwise 1. Either may be empty. Damaged metadata and
/// invalid values give 1.
int read_orientation(std::span<const std::byte> exif, std::string_view xmp);

/// Rotates and mirrors an image stored with this EXIF orientation so that it is upright.
Image upright(Image stored, int orientation);

}  // namespace whyclip
