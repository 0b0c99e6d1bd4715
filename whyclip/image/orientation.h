#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "whyclip/image/image.h"

namespace whyclip {

/// The EXIF orientation, 1 … 8, that an image's metadata ask for: the first value of tag 0x0112 of
/// the EXIF block (a TIFF structure, with or without "Exif\0\0" before it), whatever numeric type
/// it is stored as; without that tag tiff:Orientation of the XMP packet; otherwise 1. Either may be
/// empty. Damaged metadata and other values ask for nothing.
int read_orientation(std::span<const std::byte> exif, std::string_view xmp);

/// The image turned and mirrored so that one stored with this EXIF orientation stands upright.
Image upright(Image stored, int orientation);

}  // namespace whyclip
