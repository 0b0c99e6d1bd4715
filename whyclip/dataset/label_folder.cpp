#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/dataset/label_names.h"
#include "whyclip/dataset/mask_layout.h"
#include "whyclip/io/file.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

constexpr int kVoid = 255;
constexpr std::size_t kMaxUnnamed = 64;  // labels; more suggest a blurred mask

struct LabelFolder {
  fs::path folder;
  std::vector<std::string> masks;          ///< file of each image
  std::vector<std::string> default_names;  ///< of each image: name of a thing without label name
  std::optional<LabelNames> names;
};

/// The label of a colour in Pascal VOC's colour map: bits 0, 3, 6 of the label are the highest bits
/// of red, from bit 7 down, bits 1, 4, 7 those of green, bits 2, 5 those of blue (VOC2012
/// development kit, section on segmentation). nullopt for a colour outside of the map.
std::optional<int> voc_label(int colour) {
  int label = 0;
  for (int channel = 0; channel < 3; ++channel) {
    const int value = colour >> (16 - 8 * channel) & 255;
    for (int step = 0; 3 * step + channel < 8; ++step) {
      label |= (value >> (7 - step) & 1) << (3 * step + channel);
    }
    const int used = channel == 2 ? 0xc0 : 0xe0;
    if ((value & ~used) != 0) return std::nullopt;
  }
  return label;
}

std::set<int> labels_in(const LabelImage& label_image) {
  std::set<int> labels;
  int last = 0;
  for (const int label : label_image.labels) {
    if (label != last && label != 0) labels.insert(label);
    last = label;
  }
  return labels;
}

/// Converts colours to label numbers if all of them are VOC's, or all of them grey.
void convert_colours(LabelImage& label_image) {
  const std::set<int> colours = labels_in(label_image);
  const bool voc = std::all_of(colours.begin(), colours.end(),
                               [](int colour) { return voc_label(colour).has_value(); });
  const bool grey = std::all_of(colours.begin(), colours.end(),
                                [](int colour) { return colour == (colour & 255) * 0x010101; });
  if (!voc && !grey) return;
  for (int& label : label_image.labels) label = voc ? *voc_label(label) : label & 255;
  label_image.colours = false;
}

/// Names the things by the names file. Label 255 is void unless the file names it.
void name_by_file(const LabelNames& names, const LabelImage& label_image, const std::string& where,
                  ImageAnnotation& annotation, std::unordered_map<int, LabelOwner>& owners) {
  if (names.colours != label_image.colours) {
    throw Error(where, fmt::format("the names file names {}, but the labels are {}",
                                   names.colours ? "colours" : "numbers",
                                   label_image.colours ? "colours" : "numbers"));
  }
  if (!label_image.colours && !names.names.contains(kVoid)) owners[kVoid] = {LabelOwner::kIgnored};
  for (const int label : labels_in(label_image)) {
    const auto name = names.names.find(label);
    if (name == names.names.end()) continue;
    owners[label] = {int(annotation.things.size())};
    annotation.things.push_back({name->second, {}, {}});
  }
  if (annotation.things.empty() && owners.contains(kVoid) &&
      labels_in(label_image).contains(kVoid)) {
    throw Error(
        where,
        "the mask has label 255 only, which means void; if it is a thing, name label 255 too");
  }
}

/// Names the things without a names file: a single label 1, 255 or colour gets `default_name`,
/// other labels are named by their numbers, and 255 beside other labels is void.
void name_by_label(const LabelImage& label_image, const std::string& default_name,
                   const std::string& where, ImageAnnotation& annotation,
                   std::unordered_map<int, LabelOwner>& owners) {
  std::set<int> labels = labels_in(label_image);
  const bool single = labels.size() == 1 &&
                      (label_image.colours || *labels.begin() == 1 || *labels.begin() == kVoid);
  if (!single && !label_image.colours && labels.erase(kVoid) == 1)
    owners[kVoid] = {LabelOwner::kIgnored};
  if (labels.size() > kMaxUnnamed) {
    throw Error(where,
                fmt::format("{} different labels; if they are correct, name them in labels.txt; "
                            "if not, a resize or JPEG has blurred the mask",
                            labels.size()));
  }
  for (const int label : labels) {
    owners[label] = {int(annotation.things.size())};
    annotation.things.push_back({single ? default_name : label_name(label_image, label), {}, {}});
  }
}

ImageAnnotation read_annotation(const LabelFolder& set, std::size_t image, const MaskFrame& frame) {
  const fs::path file = set.folder / set.masks[image];
  LabelImage label_image = read_mask_labels(file, frame, PaletteLabels::kIndices);
  check_mask_size(frame, label_image.width, label_image.height, file.string());
  if (label_image.colours && !(set.names && set.names->colours)) convert_colours(label_image);
  ImageAnnotation annotation;
  std::unordered_map<int, LabelOwner> owners;
  if (set.names) {
    name_by_file(*set.names, label_image, file.string(), annotation, owners);
  } else {
    name_by_label(label_image, set.default_names[image], file.string(), annotation, owners);
  }
  return mark_labels(std::move(annotation), label_image, owners, frame, file.string());
}

std::optional<LabelNames> read_names(const fs::path& folder, const FolderFiles& files) {
  for (const char* name : {"labels.txt", "classes.txt"}) {
    if (!files.all.contains(name)) continue;
    return parse_label_names(read_text(folder / name), (folder / name).string());
  }
  return std::nullopt;
}

}  // namespace

DatasetContent open_label_folder(const fs::path& folder, const DatasetOptions& options) {
  const FolderFiles files = list_files(folder);
  DatasetContent content;
  content.remarks = files.remarks;
  MaskedImages found = find_masks(files, kLabelLayout, options.split, content.remarks);
  content.name = folder_name(folder);
  content.format = DatasetFormat::kLabelImages;
  content.folder = folder;
  content.images = folder_images(folder, found.images, options, content.remarks);
  auto set = std::make_shared<LabelFolder>();
  set->folder = folder;
  set->names = read_names(folder, files);
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    DatasetImage& image = content.images[i];
    image.has_mask = !found.masks[i].empty();
    const std::string name = class_folder(image.name, options.split);
    set->default_names.push_back(name.empty() ? "object" : name);
  }
  set->masks = std::move(found.masks);
  if (set->names) {
    for (const auto& [label, name] : set->names->names) {
      const auto known = std::find(content.classes.begin(), content.classes.end(), name);
      if (known == content.classes.end()) content.classes.push_back(name);
    }
  }
  content.read_annotation = [set](std::size_t i, const MaskFrame& frame) {
    return read_annotation(*set, i, frame);
  };
  content.searched_for = [names = std::move(found.images)](std::size_t i) {
    return fmt::format("{}", fmt::join(mask_paths(names[i], kLabelLayout), ", "));
  };
  return content;
}

}  // namespace whyclip::detail
