#pragma once

// Not part of the public interface: where COCO's images lie.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"

namespace whyclip::detail {

/// Where images may lie: the folder of the options, or else beside the file, in its folder
/// images, in the folder above, and for annotations/instances_val2017.json in val2017/ beside
/// annotations/.
std::vector<std::filesystem::path> coco_image_folders(const std::filesystem::path& file,
                                                      const DatasetOptions& options);

struct CocoImageFile {
  std::filesystem::path file;
  std::string name;        ///< its path below the folder that it was found in, with "/"
  bool shortened = false;  ///< the first folders of the path that the set writes are not in `name`
};

/// The image that a set calls `written`: a path below one of the folders, or a URL, an absolute
/// path, a path with ".." or with "\", of which the longest end is taken that is there. Never a
/// file outside of the folders.
std::optional<CocoImageFile> find_coco_image(const std::vector<std::filesystem::path>& folders,
                                             const std::string& written);

}  // namespace whyclip::detail
