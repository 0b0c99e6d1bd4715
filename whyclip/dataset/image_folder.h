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

/// The files below a folder, by their paths from it with "/", sorted; none whose name, or whose
/// folder's name, starts with a dot. Links are followed; a folder is listed once. Throws Error
/// naming the folder if it cannot be read.
struct FolderFiles {
  std::vector<std::string> images;  ///< by their endings, in any case
  std::unordered_set<std::string> all;
  Remarks remarks;  ///< on links that lead nowhere, and images of kinds that are not read
};
FolderFiles list_files(const std::filesystem::path& folder);

/// Those of the paths that have a sub-folder of this name; all for an empty name.
std::vector<std::string> of_split(std::vector<std::string> images, const std::string& split);

/// The innermost sub-folder in an image's path that is not one of the usual ones for images or
/// splits (images, train, …): the class in ImageNet's layout. Empty if there is none.
std::string class_folder(const std::string& image, const std::string& split);

/// The names of the folders and file in a path with "/".
std::vector<std::string> path_names(std::string_view path);

/// The images as the data set's; throws Error naming the folder, and what it holds that is not
/// read, if there are none.
std::vector<DatasetImage> folder_images(const std::filesystem::path& folder,
                                        const std::vector<std::string>& images,
                                        const DatasetOptions& options, const Remarks& remarks = {});

/// What a set that lies in this folder is called.
std::string folder_name(const std::filesystem::path& folder);

}  // namespace whyclip::detail
