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

MaskedPictures find_masks(const FolderFiles& files, const MaskLayout& layout,
                          const std::string& split, Remarks& remarks) {
  MaskedPictures found;
  std::unordered_map<std::string, std::vector<std::string>> owners;
  for (const std::string& picture : of_split(files.pictures, split)) {
    if (is_mask_place(picture, layout)) continue;
    std::vector<std::string> masks = mask_places(picture, layout);
    std::erase_if(masks, [&](const std::string& place) { return !files.all.contains(place); });
    if (masks.size() > 1) {
      remarks.add_picture("pictures left out: they have two masks; take one away",
                          fmt::format("{}: {}", picture, fmt::join(masks, ", ")));
      continue;
    }
    if (!masks.empty()) owners[masks[0]].push_back(picture);
    found.pictures.push_back(picture);
    found.masks.push_back(masks.empty() ? "" : std::move(masks[0]));
  }
  MaskedPictures result;
  for (std::size_t i = 0; i < found.pictures.size(); ++i) {
    const auto owner = owners.find(found.masks[i]);
    if (owner != owners.end() && owner->second.size() > 1) {
      remarks.add_picture("pictures left out: their mask is another picture's too; rename one",
                          fmt::format("{}: {} belongs to {}", found.pictures[i], found.masks[i],
                                      fmt::join(owner->second, " and ")));
      continue;
    }
    result.pictures.push_back(std::move(found.pictures[i]));
    result.masks.push_back(std::move(found.masks[i]));
  }
  return result;
}

std::string find_yolo_label(const std::string& picture,
                            const std::function<bool(const std::string&)>& exists) {
  std::vector<std::string> names = path_names(picture);
  names.back() = names.back().substr(0, names.back().rfind('.')) + ".txt";
  for (std::size_t i = names.size() - 1; i-- > 0;) {
    if (names[i] != "images") continue;
    names[i] = "labels";
    break;
  }
  std::vector<std::string> places = mask_places(picture, {kYoloLayout.folders, {}, ".txt"});
  places.insert(places.begin(), fmt::format("{}", fmt::join(names, "/")));
  const auto place = std::find_if(places.begin(), places.end(), exists);
  return place == places.end() ? "" : *place;
}

}  // namespace whyclip::detail
