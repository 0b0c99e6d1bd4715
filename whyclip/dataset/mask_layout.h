#pragma once

// Not part of the public interface: where the mask of an image lies.

#include <functional>
#include <string>
#include <vector>

#include "whyclip/dataset/image_folder.h"

namespace whyclip::detail {

struct MaskLayout {
  std::vector<std::string> folders;  ///< of masks: "masks"
  std::vector<std::string> beside;   ///< what follows the image's stem beside it: ".mask.png"
  std::string ending;                ///< of files in the folders: ".png"
};

extern const MaskLayout kLabelLayout;
extern const MaskLayout kYoloLayout;

/// All paths at which an image's mask may lie: beside it; in a mask folder beside it, or at the
/// top with the image's own folders below; in a mask folder in place of a folder named images,
/// images or JPEGImages.
std::vector<std::string> mask_positions(const std::string& image, const MaskLayout& layout);

/// Whether a file is a mask by its place, whatever image it belongs to.
bool is_mask_position(const std::string& file, const MaskLayout& layout);

/// The images of a folder and the mask of each, empty where there is none.
struct MaskedImages {
  std::vector<std::string> images, masks;
};

/// An image with two masks is left out, and so are two images with the same mask: which belongs
/// to which cannot be known. The remarks name them.
MaskedImages find_masks(const FolderFiles& files, const MaskLayout& layout,
                        const std::string& split, Remarks& remarks);

/// The label file that belongs to an image in YOLO's layout, by its path from the set's folder or
/// from the root; empty if there is none. The first of: where Ultralytics looks, "labels" in place
/// of the last folder "images", or else beside the image; then the places of mask_positions.
std::string find_yolo_label(const std::string& image,
                            const std::function<bool(const std::string&)>& exists);

}  // namespace whyclip::detail
