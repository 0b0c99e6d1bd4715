#pragma once

// Not part of the public interface.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "whyclip/dataset/dataset.h"
#include "whyclip/image/label_image.h"

namespace whyclip::detail {

/// The size of the image whose masks are read.
struct MaskFrame {
  int width = 0, height = 0;
  std::int64_t max_bytes = 0;  ///< limit for all masks together

  std::size_t pixels() const { return std::size_t(width) * std::size_t(height); }
};

/// Throws Error naming `where` if the mask's size is not the image's.
void check_mask_size(const MaskFrame& frame, std::int64_t width, std::int64_t height,
                     const std::string& where);

/// Throws Error naming `where` if this number of masks takes more memory than allowed.
void check_mask_memory(const MaskFrame& frame, std::size_t masks, const std::string& where);

/// The thing and the part that the pixels of a label belong to.
struct LabelOwner {
  static constexpr int kIgnored = -1;
  int thing = 0;  ///< index, or kIgnored
  int part = -1;  ///< index in the thing's parts; -1: none
};

/// Fills the masks of `annotation`, which has only the names of things and parts, from a label
/// image. Label 0 is the background. Throws Error for a label without owner (with the position of
/// its first pixel) and for a thing without pixels, and as check_mask_size and check_mask_memory.
ImageAnnotation mark_labels(ImageAnnotation annotation, const LabelImage& image,
                            const std::unordered_map<int, LabelOwner>& owners,
                            const MaskFrame& frame, const std::string& where);

/// Removes things without pixels, and clears `ignored` at the pixels of things.
ImageAnnotation without_empty_things(ImageAnnotation annotation);

/// Reads a label image. Its limit of pixels is at least the size of the frame.
LabelImage read_mask_labels(const std::filesystem::path& file, const MaskFrame& frame,
                            PaletteLabels palette);

}  // namespace whyclip::detail
