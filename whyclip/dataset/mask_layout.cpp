#include "whyclip/dataset/mask_layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip::detail {

const MaskLayout kLabelLayout{{"masks", "labels", "annotations", "SegmentationClass"},
                              {".mask.png", "_mask.png", ".labels.png"},
                              ".png"};
const MaskLayout kYoloLayout{{"labels"}, {".txt"}, ".txt"};

std::vector<std::string> mask_places(const std::string& picture, const MaskLayout& layout) {
  const std::size_t slash = picture.rfind('/');
  const std::string folder = slash == picture.npos ? "" : picture.substr(0, slash + 1);
  const std::string file = picture.substr(folder.size());
  const std::string stem = file.substr(0, file.rfind('.'));
  std::vector<std::string> places;
  for (const std::string& ending : layout.beside) places.push_back(folder + stem + ending);
  const std::vector<std::string> names = path_names(picture);
  for (const std::string& masks : layout.folders) {
    const std::string mask = stem + layout.ending;
    places.push_back(fmt::format("{}{}/{}", folder, masks, mask));
    if (!folder.empty()) places.push_back(fmt::format("{}/{}{}", masks, folder, mask));
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      if (names[i] != "images" && names[i] != "pictures" && names[i] != "JPEGImages") continue;
      std::vector<std::string> swapped = names;
      swapped[i] = masks;
      swapped.back() = mask;
      places.push_back(fmt::format("{}", fmt::join(swapped, "/")));
    }
  }
  return places;
}

bool is_mask_place(const std::string& file, const MaskLayout& layout) {
  for (const std::string& ending : layout.beside) {
    if (file.ends_with(ending)) return true;
  }
  const std::vector<std::string> names = path_names(file);
  return std::any_of(names.begin(), names.end() - 1, [&](const std::string& name) {
    return name == "SegmentationObject" ||
           std::find(layout.folders.begin(), layout.folders.end(), name) != layout.folders.end();
  });
}

MaskedPictures find_masks(const std::filesystem::path& folder, const FolderFiles& files,
                          const MaskLayout& layout, const std::string& split) {
  MaskedPictures result;
  std::unordered_map<std::string, std::string> owners;
  for (const std::string& picture : of_split(files.pictures, split)) {
    if (is_mask_place(picture, layout)) continue;
    std::string found;
    for (const std::string& place : mask_places(picture, layout)) {
      if (!files.all.contains(place)) continue;
      if (!found.empty()) {
        throw Error(
            (folder / picture).string(),
            fmt::format("the picture has two masks, {} and {}; take one away", found, place));
      }
      found = place;
    }
    if (!found.empty()) {
      const auto [owner, is_new] = owners.emplace(found, picture);
      if (!is_new) {
        throw Error((folder / found).string(),
                    fmt::format("the mask belongs to two pictures, {} and {}; rename one",
                                owner->second, picture));
      }
    }
    result.pictures.push_back(picture);
    result.masks.push_back(std::move(found));
  }
  return result;
}

}  // namespace whyclip::detail
