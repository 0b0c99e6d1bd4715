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
constexpr int kMostLabel = 255;

struct DescribedPicture {
  fs::path labels;  ///< empty: without mask
  std::string where;
  GroundTruth names;  ///< things and parts, without pixels
  std::unordered_map<int, LabelOwner> owners;
};

using DescribedPictures = std::vector<DescribedPicture>;

void read_part(const JsonView& json, int thing_index, DescribedPicture& picture) {
  ThingMask& thing = picture.names.things.back();
  const int label = int(json.at("label").integer(1, kMostLabel));
  if (!picture.owners.emplace(label, LabelOwner{thing_index, int(thing.parts.size())}).second) {
    throw Error(json.at("label").where(), fmt::format("label {} is another part's too", label));
  }
  thing.parts.push_back({json.at("name").string(), label, {}});
}

DescribedPicture read_labels_of(const JsonView& json, const fs::path& folder) {
  DescribedPicture picture;
  picture.where = json.where();
  if (!json.has("labels")) return picture;
  picture.labels = folder / inner_path(json.at("labels"));
  for (const JsonView& thing : json.at("things").items()) {
    picture.names.things.push_back({thing.at("name").string(), {}, {}});
    const std::vector<JsonView> parts = thing.at("parts").items();
    if (parts.empty()) {
      throw Error(thing.at("parts").where(), "expected at least one part, which may be all of it");
    }
    for (const JsonView& part : parts) {
      read_part(part, int(picture.names.things.size()) - 1, picture);
    }
  }
  return picture;
}

void check_exists(const fs::path& file, const JsonView& field) {
  std::error_code code;
  if (fs::is_regular_file(file, code)) return;
  throw Error(field.where(), fmt::format("there is no file {}", file.string()));
}

GroundTruth read_truth(const DescribedPicture& picture, const MaskFrame& frame) {
  const LabelImage image = read_mask_labels(picture.labels, frame, PaletteLabels::kColours);
  const int most = *std::max_element(image.labels.begin(), image.labels.end());
  if (image.colours || most > kMostLabel) {
    throw Error(picture.labels.string(), "expected a grey PNG of 8 bits, got colours or 16 bits");
  }
  const std::string where = fmt::format("{} ({})", picture.labels.string(), picture.where);
  if (picture.names.things.empty()) {
    throw Error(where, "no thing is marked in this mask; leave the picture out or mark one");
  }
  return mark_labels(picture.names, image, picture.owners, frame, where);
}

std::vector<std::string> read_classes(const JsonView& json) {
  std::vector<std::string> classes;
  if (!json.has("classes")) return classes;
  for (const JsonView& name : json.at("classes").items()) {
    classes.push_back(name.string());
    if (std::count(classes.begin(), classes.end(), classes.back()) > 1) {
      throw Error(name.where(), fmt::format("the class \"{}\" comes twice", classes.back()));
    }
  }
  return classes;
}

DatasetPicture read_picture_of(const JsonView& json, const fs::path& folder,
                               const std::vector<std::string>& classes) {
  DatasetPicture picture;
  picture.name = inner_path(json.at("file")).generic_string();
  picture.file = folder / picture.name;
  check_exists(picture.file, json.at("file"));
  if (!json.has("ask")) return picture;
  picture.ask = json.at("ask").string();
  const bool known = std::find(classes.begin(), classes.end(), picture.ask) != classes.end();
  if (!picture.ask.empty() && !classes.empty() && !known) {
    throw Error(json.at("ask").where(),
                fmt::format("\"{}\" is not one of the classes of the set", picture.ask));
  }
  return picture;
}

}  // namespace

fs::path inner_path(const JsonView& field) {
  const std::string text = field.string();
  const fs::path written(text), path = written.lexically_normal();
  const bool inside = text.find('\0') == text.npos && path.is_relative() && path.has_filename() &&
                      path != "." &&
                      std::find(written.begin(), written.end(), "..") == written.end();
  if (!inside) {
    throw Error(field.where(),
                fmt::format("expected a file below the folder, without \"..\", got \"{}\"", text));
  }
  return path;
}

DatasetContent open_described(const JsonView& json, const fs::path& file) {
  if (const std::string format = json.at("format").string(); format != kFormat) {
    throw Error(json.at("format").where(),
                fmt::format("expected \"{}\", got \"{}\"; a newer set needs a newer whyclip",
                            kFormat, format));
  }
  DatasetContent content;
  content.format = DatasetFormat::kWhyclip;
  content.folder = file.parent_path();
  content.name = json.at("name").string();
  if (json.has("about")) content.about = json.at("about").string();
  content.classes = read_classes(json);
  auto pictures = std::make_shared<DescribedPictures>();
  std::set<std::string> names;
  std::vector<PictureCounts> counts;
  for (const JsonView& item : json.at("pictures").items()) {
    DatasetPicture picture = read_picture_of(item, content.folder, content.classes);
    if (!names.insert(picture.name).second) {
      throw Error(item.at("file").where(), fmt::format("{} comes twice", picture.name));
    }
    pictures->push_back(read_labels_of(item, content.folder));
    const DescribedPicture& described = pictures->back();
    picture.has_mask = !described.labels.empty();
    if (picture.has_mask) check_exists(described.labels, item.at("labels"));
    counts.push_back({described.names.things.size(), described.owners.size()});
    content.pictures.push_back(std::move(picture));
  }
  if (content.pictures.empty())
    throw Error(json.at("pictures").where(), "expected pictures, got none");
  content.read_truth = [pictures](std::size_t i, const MaskFrame& frame) {
    return read_truth((*pictures)[i], frame);
  };
  content.looked_for = [pictures](std::size_t i) { return (*pictures)[i].where + ".labels"; };
  content.effects = read_effects(content.folder / "effects.json", content, counts);
  return content;
}

}  // namespace whyclip::detail
