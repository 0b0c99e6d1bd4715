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

std::vector<std::string> mask_positions(const std::string& image, const MaskLayout& layout) {
  const std::size_t slash = image.rfind('/');
  const std::string folder = slash == image.npos ? "" : image.substr(0, slash + 1);
  const std::string file = image.substr(folder.size());
  const std::string stem = file.substr(0, file.rfind('.'));
  std::vector<std::string> positions;
  for (const std::string& ending : layout.beside) positions.push_back(folder + stem + ending);
  const std::vector<std::string> names = path_names(image);
  for (const std::string& masks : layout.folders) {
    const std::string mask = stem + layout.ending;
    positions.push_back(fmt::format("{}{}/{}", folder, masks, mask));
    if (!folder.empty()) positions.push_back(fmt::format("{}/{}{}", masks, folder, mask));
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      if (names[i] != "images" && names[i] != "pictures" && names[i] != "JPEGImages") continue;
      std::vector<std::string> swapped = names;
      swapped[i] = masks;
      swapped.back() = mask;
      positions.push_back(fmt::format("{}", fmt::join(swapped, "/")));
    }
  }
  return positions;
}

bool is_mask_position(const std::string& file, const MaskLayout& layout) {
  for (const std::string& ending : layout.beside) {
    if (file.ends_with(ending)) return true;
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
  for (const std::string& image : of_split(files.images, split)) {
    if (is_mask_position(image, layout)) continue;
    std::vector<std::string> masks = mask_positions(image, layout);
    std::erase_if(masks,
                  [&](const std::string& position) { return !files.all.contains(position); });
    if (masks.size() > 1) {
      remarks.add_image("images left out: they have two masks; take one away",
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
      remarks.add_image("images left out: their mask is another image's too; rename one",
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
  std::vector<std::string> positions = mask_positions(image, {kYoloLayout.folders, {}, ".txt"});
  positions.insert(positions.begin(), fmt::format("{}", fmt::join(names, "/")));
  const auto position = std::find_if(positions.begin(), positions.end(), exists);
  return position == positions.end() ? "" : *position;
}

}  // namespace whyclip::detail
