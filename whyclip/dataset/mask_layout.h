#pragma once

// Not part of the public interface: where the mask of a picture lies.

#include <functional>
#include <string>
#include <vector>

#include "whyclip/dataset/picture_folder.h"

namespace whyclip::detail {

struct MaskLayout {
  std::vector<std::string> folders;  ///< of masks: "masks"
  std::vector<std::string> beside;   ///< what follows the picture's stem beside it: ".mask.png"
  std::string ending;                ///< of files in the folders: ".png"
};

extern const MaskLayout kLabelLayout;
extern const MaskLayout kYoloLayout;

/// All paths at which a picture's mask may lie: beside it; in a mask folder beside it, or at the
/// top with the picture's own folders below; in a mask folder in place of a folder named images,
/// pictures or JPEGImages.
std::vector<std::string> mask_places(const std::string& picture, const MaskLayout& layout);

/// Whether a file is a mask by its place, whatever picture it belongs to.
bool is_mask_place(const std::string& file, const MaskLayout& layout);

/// The pictures of a folder and the mask of each, empty where there is none.
struct MaskedPictures {
  std::vector<std::string> pictures, masks;
};

/// A picture with two masks is left out, and so are two pictures with the same mask: which belongs
/// to which cannot be known. The remarks name them.
MaskedPictures find_masks(const FolderFiles& files, const MaskLayout& layout,
                          const std::string& split, Remarks& remarks);

/// The label file that belongs to a picture in YOLO's layout, by its path from the set's folder or
/// from the root; empty if there is none. The first of: where Ultralytics looks, "labels" in place
/// of the last folder "images", or else beside the picture; then the places of mask_places.
std::string find_yolo_label(const std::string& picture,
                            const std::function<bool(const std::string&)>& exists);

}  // namespace whyclip::detail
