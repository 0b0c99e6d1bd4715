#pragma once

// Not part of the public interface: paths of masks and YOLO label files.

#include <functional>
#include <string>
#include <vector>

#include "whyclip/dataset/image_folder.h"

namespace whyclip::detail {

struct MaskLayout {
  std::vector<std::string> folders;   ///< names of mask folders: "masks"
  std::vector<std::string> suffixes;  ///< of masks beside the image: ".mask.png"
  std::string extension;              ///< of masks in the folders: ".png"
};

extern const MaskLayout kLabelLayout;
extern const MaskLayout kYoloLayout;

/// All possible paths of an image's mask: beside the image; in a mask folder beside it; in a mask
/// folder at the top with the image's folders below; in a mask folder that replaces a folder named
/// images, pictures or JPEGImages.
std::vector<std::string> mask_paths(const std::string& image, const MaskLayout& layout);

/// Whether a path is that of a mask of some image.
bool is_mask_path(const std::string& file, const MaskLayout& layout);

/// The images of a folder and the mask path of each, empty if it has none.
struct MaskedImages {
  std::vector<std::string> images, masks;
};

/// Finds the mask of each image. Skips images with two masks and images with the same mask, with a
/// remark.
MaskedImages find_masks(const FolderFiles& files, const MaskLayout& layout,
                        const std::string& split, Remarks& remarks);

/// The label file of an image in YOLO's layout; empty if there is none. `image` is relative to the
/// set's folder, or absolute. Searches first as Ultralytics does, with "labels" in place of the
/// last folder "images" or else beside the image, then the paths of mask_paths.
std::string find_yolo_label(const std::string& image,
                            const std::function<bool(const std::string&)>& exists);

}  // namespace whyclip::detail
