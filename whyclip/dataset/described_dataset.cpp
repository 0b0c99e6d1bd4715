#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/io/json.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "whyclip dataset 1";
constexpr int kMaxLabel = 255;

struct DescribedImage {
  fs::path labels;        ///< empty: no mask
  std::string where;      ///< JSON path of the entry
  ImageAnnotation names;  ///< things and parts, without masks
  std::unordered_map<int, LabelOwner> owners;
};

using DescribedImages = std::vector<DescribedImage>;

void read_part(const JsonView& json, int thing_index, DescribedImage& image) {
  ThingMask& thing = image.names.things.back();
  const int label = int(json.at("label").integer(1, kMaxLabel));
  if (!image.owners.emplace(label, LabelOwner{thing_index, int(thing.parts.size())}).second) {
    throw Error(json.at("label").where(),
                fmt::format("label {} belongs to another part already", label));
  }
  thing.parts.push_back({json.at("name").string(), label, {}});
}

DescribedImage read_labels_of(const JsonView& json, const fs::path& folder) {
  DescribedImage image;
  image.where = json.where();
  if (!json.has("labels")) return image;
  image.labels = folder / inner_path(json.at("labels"));
  for (const JsonView& thing : json.at("things").items()) {
    image.names.things.push_back({thing.at("name").string(), {}, {}});
    const std::vector<JsonView> parts = thing.at("parts").items();
    if (parts.empty()) {
      throw Error(thing.at("parts").where(),
                  "expected at least one part; it may be the whole thing");
    }
    for (const JsonView& part : parts) {
      read_part(part, int(image.names.things.size()) - 1, image);
    }
  }
  return image;
}

void check_exists(const fs::path& file, const JsonView& field) {
  std::error_code code;
  if (fs::is_regular_file(file, code)) return;
  throw Error(field.where(), fmt::format("there is no file {}", file.string()));
}

ImageAnnotation read_annotation(const DescribedImage& image, const MaskFrame& frame) {
  const LabelImage label_image = read_mask_labels(image.labels, frame, PaletteLabels::kColours);
  const int max_label = *std::max_element(label_image.labels.begin(), label_image.labels.end());
  if (label_image.colours || max_label > kMaxLabel) {
    throw Error(image.labels.string(), "expected a grey PNG of 8 bits, got colours or 16 bits");
  }
  const std::string where = fmt::format("{} ({})", image.labels.string(), image.where);
  if (image.names.things.empty()) {
    throw Error(
        where,
        "the image has a mask, but its \"things\" are empty; add a thing or remove \"labels\"");
  }
  return mark_labels(image.names, label_image, image.owners, frame, where);
}

std::vector<std::string> read_classes(const JsonView& json) {
  std::vector<std::string> classes;
  if (!json.has("classes")) return classes;
  for (const JsonView& name : json.at("classes").items()) {
    classes.push_back(name.string());
    if (std::count(classes.begin(), classes.end(), classes.back()) > 1) {
      throw Error(name.where(), fmt::format("the class \"{}\" appears twice", classes.back()));
    }
  }
  return classes;
}

DatasetImage read_image_of(const JsonView& json, const fs::path& folder,
                           const std::vector<std::string>& classes) {
  DatasetImage image;
  image.name = inner_path(json.at("file")).generic_string();
  image.file = folder / image.name;
  check_exists(image.file, json.at("file"));
  if (!json.has("target_class")) return image;
  image.target_class = json.at("target_class").string();
  const bool known = std::find(classes.begin(), classes.end(), image.target_class) != classes.end();
  if (!image.target_class.empty() && !classes.empty() && !known) {
    throw Error(json.at("target_class").where(),
                fmt::format("\"{}\" is not one of the classes of the set", image.target_class));
  }
  return image;
}

}  // namespace

fs::path inner_path(const JsonView& field) {
  const std::string text = field.string();
  const fs::path given(text), path = given.lexically_normal();
  const bool inside = text.find('\0') == text.npos && path.is_relative() && path.has_filename() &&
                      path != "." && std::find(given.begin(), given.end(), "..") == given.end();
  if (!inside) {
    throw Error(field.where(),
                fmt::format("expected a file below the folder, without \"..\", got \"{}\"", text));
  }
  return path;
}

DatasetContent open_described(const JsonView& json, const fs::path& file) {
  if (const std::string format = json.at("format").string(); format != kFormat) {
    throw Error(json.at("format").where(),
                fmt::format("expected \"{}\", got \"{}\"; a newer format needs a newer whyclip",
                            kFormat, format));
  }
  DatasetContent content;
  content.format = DatasetFormat::kWhyclip;
  content.folder = file.parent_path();
  content.name = json.at("name").string();
  if (json.has("description")) content.description = json.at("description").string();
  content.classes = read_classes(json);
  auto images = std::make_shared<DescribedImages>();
  std::set<std::string> names;
  std::vector<ImageCounts> counts;
  for (const JsonView& item : json.at("images").items()) {
    DatasetImage image = read_image_of(item, content.folder, content.classes);
    if (!names.insert(image.name).second) {
      throw Error(item.at("file").where(), fmt::format("{} appears twice", image.name));
    }
    images->push_back(read_labels_of(item, content.folder));
    const DescribedImage& described = images->back();
    image.has_mask = !described.labels.empty();
    if (image.has_mask) check_exists(described.labels, item.at("labels"));
    counts.push_back({described.names.things.size(), described.owners.size()});
    content.images.push_back(std::move(image));
  }
  if (content.images.empty()) throw Error(json.at("images").where(), "expected images, got none");
  content.read_annotation = [images](std::size_t i, const MaskFrame& frame) {
    return read_annotation((*images)[i], frame);
  };
  content.searched_for = [images](std::size_t i) { return (*images)[i].where + ".labels"; };
  content.effects = read_effects(content.folder / "effects.json", content, counts);
  return content;
}

}  // namespace whyclip::detail
