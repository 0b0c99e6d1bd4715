#pragma once

// Not part of the public interface.

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "whyclip/dataset/dataset.h"
#include "whyclip/dataset/remarks.h"

namespace whyclip::detail {

/// The files below a folder as relative paths with "/".
struct FolderFiles {
  std::vector<std::string> images;  ///< sorted; by file extension, in upper or lower case
  std::unordered_set<std::string> all;
  Remarks remarks;  ///< on broken links, and on image formats that whyclip does not read
};
/// Lists a folder and its sub-folders without names that start with a dot. Follows links, but lists
/// each folder once. Throws Error naming the folder if it cannot be read.
FolderFiles list_files(const std::filesystem::path& folder);

/// The paths that have a sub-folder named `split`; all paths if `split` is empty.
std::vector<std::string> images_of_split(std::vector<std::string> images, const std::string& split);

/// The innermost sub-folder in an image's path that is not a common name for images or splits
/// (images, train, …): the class in ImageNet's layout. Empty if there is none.
std::string class_folder(const std::string& image, const std::string& split);

/// The names of the folders and file in a path with "/".
std::vector<std::string> path_names(std::string_view path);

/// Converts the images to entries of a data set. Throws Error naming the folder and its remarks if
/// there are no images.
std::vector<DatasetImage> folder_images(const std::filesystem::path& folder,
                                        const std::vector<std::string>& images,
                                        const DatasetOptions& options, const Remarks& remarks = {});

/// The name of a data set in this folder.
std::string folder_name(const std::filesystem::path& folder);

}  // namespace whyclip::detail
