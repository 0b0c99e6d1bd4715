#pragma once

// Not part of the public interface: where the mask of a picture lies.

#include <filesystem>
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

/// Throws Error for a picture with two masks, naming both, and for two pictures with the same.
MaskedPictures find_masks(const std::filesystem::path& folder, const FolderFiles& files,
                          const MaskLayout& layout, const std::string& split);

}  // namespace whyclip::detail
