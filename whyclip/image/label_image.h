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

/// An image with a label for each pixel.
struct LabelImage {
  int width = 0;
  int height = 0;
  std::vector<int> labels;  ///< (height, width), row-major, not negative
  bool colours = false;     ///< the labels are colours 0xRRGGBB, otherwise plain numbers
};

/// Throws Error naming `where` unless the sizes are positive and there are height × width labels,
/// all of them ≥ 0.
void check_labels(const LabelImage& labels, std::string_view where);

/// The name of a label: "17", or "#ff8000" for a colour.
std::string label_name(const LabelImage& label_image, int label);

/// Uses every colour of an image as a label.
LabelImage labels_of(const Image& image);

/// Meaning of the pixels of a PNG with a palette.
enum class PaletteLabels { kColours, kIndices };

/// Reads labels from a PNG exactly as stored: grey of 1 to 16 bits is a number, a colour (8-bit RGB
/// or palette) is 0xRRGGBB, a palette index is a number. Applies the EXIF orientation. Throws Error
/// naming the file for other formats (JPEG and WebP blur borders), for 16-bit colour, transparency
/// and missing rows, which have no exact label, and as decode_image does. A wrong checksum or a
/// missing end gives a warning only, because the pixels have their own checksum.
LabelImage decode_labels(std::span<const std::byte> bytes, std::string_view name,
                         const DecodeOptions& options = {},
                         PaletteLabels palette = PaletteLabels::kColours);

/// decode_labels of a file. Throws Error naming the path.
LabelImage read_labels(const std::filesystem::path& path, const DecodeOptions& options = {},
                       PaletteLabels palette = PaletteLabels::kColours);

/// The label of each patch, row-major: the label that covers the largest area of the patch's
/// rectangle. Pixels on its border count in part; ties go to the smallest label. grid.area is in
/// pixels of the label image; areas outside the image do not count. Throws Error for a grid without
/// patches, or with a patch that is entirely outside.
std::vector<int> labels_on_grid(const LabelImage& labels, const PatchGrid& grid);

}  // namespace whyclip
