#pragma once

// Not part of the public interface: the search for COCO's image files.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"

namespace whyclip::detail {

/// The folders to search for images: the folder of the options, or else the file's folder, its
/// sub-folder images, the parent folder, and for annotations/instances_val2017.json the folder
/// val2017/ beside annotations/.
std::vector<std::filesystem::path> coco_image_folders(const std::filesystem::path& file,
                                                      const DatasetOptions& options);

struct CocoImageFile {
  std::filesystem::path file;
  std::string name;        ///< path below the folder that it was found in, with "/"
  bool shortened = false;  ///< `name` lacks the first folders of the path in the set
};

/// Finds the image that a set lists as `path`: a path below one of the folders. If it is a URL, an
/// absolute path or a path with ".." or "\", the longest trailing part that exists below a folder
/// is taken. Never returns a file outside of the folders.
std::optional<CocoImageFile> find_coco_image(const std::vector<std::filesystem::path>& folders,
                                             const std::string& path);

}  // namespace whyclip::detail
