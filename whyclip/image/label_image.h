#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/image/decode.h"
#include "whyclip/image/image.h"

namespace whyclip {

/// An image that says of each pixel to what it belongs.
struct LabelImage {
  int width = 0;
  int height = 0;
  std::vector<int> labels;  ///< (height, width), row-major, none negative
  bool colours = false;     ///< the labels are colours 0xRRGGBB, otherwise plain numbers
};

/// Throws Error naming `where` unless the sizes are positive and there are height × width labels,
/// none of them negative.
void check_labels(const LabelImage& labels, std::string_view where);

/// What a label is called: "17", or "#ff8000" for a colour.
std::string label_name(const LabelImage& label_image, int label);

/// Every colour of an image is a label.
LabelImage labels_of(const Image& image);

/// What the pixels of a PNG with a palette are read as.
enum class PaletteLabels { kColours, kIndices };

/// Reads labels from a PNG exactly as they are stored: grey of 1 to 16 bits is a number, a colour
/// (of 8-bit RGB or of a palette) is 0xRRGGBB, a palette's index is a number. Turned upright as its
/// EXIF orientation asks. Throws Error naming the file for other formats (JPEG and WebP blur
/// borders), for 16-bit colour, transparency and missing rows, which have no exact label, and as
/// decode_image does. A wrong checksum or a missing end is passed over with a warning: the pixels
/// have a checksum of their own.
LabelImage decode_labels(std::span<const std::byte> bytes, std::string_view name,
                         const DecodeOptions& options = {},
                         PaletteLabels palette = PaletteLabels::kColours);

/// decode_labels of a file. Throws Error naming the path.
LabelImage read_labels(const std::filesystem::path& path, const DecodeOptions& options = {},
                       PaletteLabels palette = PaletteLabels::kColours);

/// The label of each patch, row-major: the one that covers the largest area of the patch's
/// rectangle, pixels cut by its border counted in part; of labels that cover the same area the
/// smallest. grid.area is in pixels of the label image; what of a patch lies outside of the image
/// does not count. Throws Error for a grid without patches, or with a patch that lies outside
/// altogether.
std::vector<int> labels_on_grid(const LabelImage& labels, const PatchGrid& grid);

}  // namespace whyclip
