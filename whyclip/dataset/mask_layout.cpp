#include "whyclip/dataset/mask_layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace whyclip::detail {

const MaskLayout kLabelLayout{{"masks", "labels", "annotations", "SegmentationClass"},
                              {".mask.png", "_mask.png", ".labels.png"},
                              ".png"};
const MaskLayout kYoloLayout{{"labels"}, {".txt"}, ".txt"};

std::vector<std::string> mask_paths(const std::string& image, const MaskLayout& layout) {
  const std::size_t slash = image.rfind('/');
  const std::string folder = slash == image.npos ? "" : image.substr(0, slash + 1);
  const std::string file = image.substr(folder.size());
  const std::string stem = file.substr(0, file.rfind('.'));
  std::vector<std::string> paths;
  for (const std::string& suffix : layout.suffixes) paths.push_back(folder + stem + suffix);
  const std::vector<std::string> names = path_names(image);
  for (const std::string& masks : layout.folders) {
    const std::string mask = stem + layout.extension;
    paths.push_back(fmt::format("{}{}/{}", folder, masks, mask));
    if (!folder.empty()) paths.push_back(fmt::format("{}/{}{}", masks, folder, mask));
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      if (names[i] != "images" && names[i] != "pictures" && names[i] != "JPEGImages") continue;
      std::vector<std::string> swapped = names;
      swapped[i] = masks;
      swapped.back() = mask;
      paths.push_back(fmt::format("{}", fmt::join(swapped, "/")));
    }
  }
  return paths;
}

bool is_mask_path(const std::string& file, const MaskLayout& layout) {
  for (const std::string& suffix : layout.suffixes) {
    if (file.ends_with(suffix)) return true;
  }
  const std::vector<std::string> names = path_names(file);
  return std::any_of(names.begin(), names.end() - 1, [&](const std::string& name) {
    return name == "SegmentationObject" ||
           std::find(layout.folders.begin(), layout.folders.end(), name) != layout.folders.end();
  });
}

MaskedImages find_masks(const FolderFiles& files, const MaskLayout& layout,
                        const std::string& split, Remarks& remarks) {
  MaskedImages found;
  std::unordered_map<std::string, std::vector<std::string>> owners;
  for (const std::string& image : images_of_split(files.images, split)) {
    if (is_mask_path(image, layout)) continue;
    std::vector<std::string> masks = mask_paths(image, layout);
    std::erase_if(masks, [&](const std::string& path) { return !files.all.contains(path); });
    if (masks.size() > 1) {
      remarks.add_image("images skipped: they have two masks; remove one",
                        fmt::format("{}: {}", image, fmt::join(masks, ", ")));
      continue;
    }
    if (!masks.empty()) owners[masks[0]].push_back(image);
    found.images.push_back(image);
    found.masks.push_back(masks.empty() ? "" : std::move(masks[0]));
  }
  MaskedImages result;
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    const auto owner = owners.find(found.masks[i]);
    if (owner != owners.end() && owner->second.size() > 1) {
      remarks.add_image("images skipped: they have the same mask; rename one",
                        fmt::format("{}: {} belongs to {}", found.images[i], found.masks[i],
                                    fmt::join(owner->second, " and ")));
      continue;
    }
    result.images.push_back(std::move(found.images[i]));
    result.masks.push_back(std::move(found.masks[i]));
  }
  return result;
}

std::string find_yolo_label(const std::string& image,
                            const std::function<bool(const std::string&)>& exists) {
  std::vector<std::string> names = path_names(image);
  names.back() = names.back().substr(0, names.back().rfind('.')) + ".txt";
  for (std::size_t i = names.size() - 1; i-- > 0;) {
    if (names[i] != "images") continue;
    names[i] = "labels";
    break;
  }
  std::vector<std::string> paths = mask_paths(image, {kYoloLayout.folders, {}, ".txt"});
  paths.insert(paths.begin(), fmt::format("{}", fmt::join(names, "/")));
  const auto path = std::find_if(paths.begin(), paths.end(), exists);
  return path == paths.end() ? "" : *path;
}

}  // namespace whyclip::detail
