#pragma once

// Not part of the public interface.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "whyclip/dataset/dataset.h"
#include "whyclip/image/label_image.h"

namespace whyclip::detail {

/// The image that masks are asked for.
struct MaskFrame {
  int width = 0, height = 0;
  std::int64_t max_bytes = 0;  ///< of all masks together

  std::size_t pixels() const { return std::size_t(width) * std::size_t(height); }
};

/// Throws Error naming `where` if the mask's size is not the image's.
void check_mask_size(const MaskFrame& frame, std::int64_t width, std::int64_t height,
                     const std::string& where);

/// Throws Error naming `where` if so many masks take more memory than allowed.
void check_mask_memory(const MaskFrame& frame, std::size_t masks, const std::string& where);

/// To which thing, and to which of its parts, the pixels with a label belong.
struct LabelOwner {
  static constexpr int kIgnored = -1;
  int thing = 0;  ///< index, or kIgnored
  int part = -1;  ///< index among the thing's, -1 for none
};

/// Marks the pixels of every label in the masks of `truth`, which has its things and parts by name
/// only. Label 0 is the ground. Throws Error for a label without owner, naming its place, for a
/// thing without pixels; and as check_mask_size and check_mask_memory.
ImageAnnotation mark_labels(ImageAnnotation truth, const LabelImage& image,
                        const std::unordered_map<int, LabelOwner>& owners, const MaskFrame& frame,
                        const std::string& where);

/// The truth without things that have no pixel, and with nothing ignored where a thing is.
ImageAnnotation without_empty_things(ImageAnnotation truth);

/// A file of labels, of as many pixels as the image or the usual limit allow.
LabelImage read_mask_labels(const std::filesystem::path& file, const MaskFrame& frame,
                            PaletteLabels palette);

}  // namespace whyclip::detail
