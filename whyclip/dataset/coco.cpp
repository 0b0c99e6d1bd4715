#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/dataset/picture_folder.h"
#include "whyclip/dataset/polygon.h"
#include "whyclip/dataset/run_length.h"
#include "whyclip/io/json.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostId = std::int64_t(1) << 53;  // what a JSON number holds exactly
constexpr std::int64_t kMostSide = std::numeric_limits<std::int32_t>::max();

/// One annotation as the file has it: rings, or run lengths as numbers or as text.
struct Shape {
  int category = 0;
  bool crowd = false;
  std::size_t number = 0;  ///< in the list of annotations
  std::vector<std::vector<Corner>> rings;
  std::vector<std::uint32_t> counts;
  std::string text;
};

struct CocoPicture {
  std::int64_t width = 0, height = 0;
  std::vector<Shape> shapes;
};

struct CocoSet {
  std::string file;
  std::vector<std::string> categories;
  std::vector<CocoPicture> pictures;
};

using Places = std::unordered_map<std::int64_t, std::size_t>;

std::vector<Corner> read_ring(const JsonView& json) {
  const std::vector<double> numbers = json.numbers();
  if (numbers.size() % 2 != 0) {
    throw Error(json.where(), fmt::format("expected pairs of coordinates, got {} numbers, of which "
                                          "one is left over",
                                          numbers.size()));
  }
  std::vector<Corner> ring;
  for (std::size_t i = 0; i < numbers.size(); i += 2) ring.push_back({numbers[i], numbers[i + 1]});
  return ring;
}

std::vector<Corner> read_box(const JsonView& json) {
  const std::vector<double> box = json.numbers();
  if (box.size() != 4) throw Error(json.where(), "expected a box of x, y, width and height");
  const double right = box[0] + box[2], bottom = box[1] + box[3];
  return {{box[0], box[1]}, {right, box[1]}, {right, bottom}, {box[0], bottom}};
}

void read_runs(const JsonView& json, const CocoPicture& picture, Shape& shape) {
  const std::vector<double> size = json.at("size").numbers();
  if (size.size() != 2 || size[0] != double(picture.height) || size[1] != double(picture.width)) {
    throw Error(json.at("size").where(),
                fmt::format("expected the height and width of the picture, "
                            "[{}, {}], got [{}]",
                            picture.height, picture.width, fmt::join(size, ", ")));
  }
  const JsonView counts = json.at("counts");
  if (counts.value().is_string()) {
    shape.text = counts.string();
    return;
  }
  for (const JsonView& count : counts.items()) {
    shape.counts.push_back(std::uint32_t(count.integer(0, kMostSide)));
  }
}

Shape read_shape(const JsonView& json, const CocoPicture& picture) {
  Shape shape;
  if (json.has("iscrowd")) {
    const JsonView crowd = json.at("iscrowd");
    shape.crowd = crowd.value().is_boolean() ? crowd.boolean() : crowd.integer(0, 1) == 1;
  }
  const bool has_shape = json.has("segmentation") && !json.at("segmentation").value().empty();
  if (!has_shape) {
    shape.rings.push_back(read_box(json.at("bbox")));
  } else if (json.at("segmentation").value().is_object()) {
    read_runs(json.at("segmentation"), picture, shape);
  } else {
    for (const JsonView& ring : json.at("segmentation").items()) {
      shape.rings.push_back(read_ring(ring));
    }
  }
  return shape;
}

Places read_categories(const JsonView& json, CocoSet& set) {
  Places places;
  for (const JsonView& item : json.at("categories").items()) {
    const std::string name = item.at("name").string();
    const bool known =
        std::find(set.categories.begin(), set.categories.end(), name) != set.categories.end();
    if (!places.emplace(item.at("id").integer(0, kMostId), set.categories.size()).second || known) {
      throw Error(item.where(), fmt::format("the category \"{}\" or its id comes twice", name));
    }
    set.categories.push_back(name);
  }
  return places;
}

/// Where pictures may lie: beside the file or, as COCO is handed out, in val2017/ beside its folder
/// for annotations/instances_val2017.json.
std::vector<fs::path> picture_folders(const fs::path& file, const DatasetOptions& options) {
  if (!options.pictures.empty()) return {options.pictures};
  const fs::path folder = file.parent_path();
  std::vector<fs::path> folders{folder, folder / "images", folder / "..", folder / ".." / "images"};
  const std::string stem = file.stem().string();
  if (const std::size_t mark = stem.find('_'); mark != stem.npos) {
    folders.push_back(folder / ".." / stem.substr(mark + 1));
    folders.push_back(folder / ".." / "images" / stem.substr(mark + 1));
  }
  return folders;
}

fs::path find_picture(const std::vector<fs::path>& folders, const JsonView& field) {
  const fs::path name = inner_path(field);
  std::vector<std::string> missed;
  for (const fs::path& folder : folders) {
    std::error_code code;
    const fs::path file = (folder / name).lexically_normal();
    if (fs::is_regular_file(file, code)) return file;
    missed.push_back(file.string());
  }
  throw Error(field.where(), fmt::format("the picture is not there; looked for {}; say in which "
                                         "folder the pictures are",
                                         fmt::join(missed, ", ")));
}

Places read_pictures(const JsonView& json, const fs::path& file, const DatasetOptions& options,
                     CocoSet& set, std::vector<DatasetPicture>& pictures) {
  const std::vector<fs::path> folders = picture_folders(file, options);
  Places places;
  std::unordered_set<std::string> names;
  for (const JsonView& item : json.at("images").items()) {
    const JsonView field = item.at("file_name");
    DatasetPicture picture;
    picture.name = inner_path(field).generic_string();
    picture.file = find_picture(folders, field);
    const std::int64_t id = item.at("id").integer(0, kMostId);
    if (!places.emplace(id, pictures.size()).second || !names.insert(picture.name).second) {
      throw Error(item.where(),
                  fmt::format("the picture {} or its id {} comes twice", picture.name, id));
    }
    set.pictures.push_back(
        {item.at("width").integer(1, kMostSide), item.at("height").integer(1, kMostSide), {}});
    pictures.push_back(std::move(picture));
  }
  if (pictures.empty()) throw Error(json.at("images").where(), "expected pictures, got none");
  return places;
}

std::size_t place_of(const Places& places, const JsonView& field, const char* list) {
  const auto place = places.find(field.integer(0, kMostId));
  if (place != places.end()) return place->second;
  throw Error(field.where(),
              fmt::format("there is no {} in \"{}\"", field.integer(0, kMostId), list));
}

void mark_shape(const Shape& shape, const MaskFrame& frame, const std::string& file,
                std::vector<std::uint8_t>& mask) {
  const std::string where = fmt::format("{}: annotations[{}].segmentation", file, shape.number);
  for (const std::vector<Corner>& ring : shape.rings) {
    check_ring(ring, frame.width, frame.height, where);
    mark_ring(ring, frame.width, frame.height, mask);
  }
  if (!shape.text.empty()) {
    mark_runs(decode_counts(shape.text, where), frame.width, frame.height, mask, where);
  } else if (shape.rings.empty()) {
    mark_runs(shape.counts, frame.width, frame.height, mask, where);
  }
}

GroundTruth read_truth(const CocoSet& set, std::size_t index, const std::string& name,
                       const MaskFrame& frame) {
  const CocoPicture& picture = set.pictures[index];
  const std::string where = fmt::format("{}: {}", set.file, name);
  check_mask_size(frame, picture.width, picture.height, where);
  std::map<int, ThingMask> things;
  GroundTruth truth{frame.width, frame.height, {}, std::vector<std::uint8_t>(frame.pixels(), 0)};
  for (const Shape& shape : picture.shapes) {
    if (shape.crowd) {
      mark_shape(shape, frame, set.file, truth.ignored);
      continue;
    }
    ThingMask& thing = things[shape.category];
    if (thing.inside.empty()) {
      check_mask_memory(frame, things.size() + 1, where);
      thing.name = set.categories[std::size_t(shape.category)];
      thing.inside.assign(frame.pixels(), 0);
    }
    mark_shape(shape, frame, set.file, thing.inside);
  }
  for (auto& [category, thing] : things) truth.things.push_back(std::move(thing));
  return without_empty_things(std::move(truth), where);
}

}  // namespace

std::vector<fs::path> coco_files(const fs::path& folder) {
  std::vector<fs::path> result;
  for (const fs::path& place : {folder, folder / "annotations"}) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(place, code)) {
      const std::string name = entry.path().filename().string();
      const bool sounds_so = (name.starts_with("instances") && name.ends_with(".json")) ||
                             name == "annotations.json" || name.ends_with(".coco.json");
      if (sounds_so && entry.is_regular_file(code)) result.push_back(entry.path());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

DatasetContent open_coco(const JsonView& json, const fs::path& file,
                         const DatasetOptions& options) {
  DatasetContent content;
  auto set = std::make_shared<CocoSet>();
  set->file = file.string();
  const Places categories = read_categories(json, *set);
  const Places places = read_pictures(json, file, options, *set, content.pictures);
  std::size_t number = 0;
  for (const JsonView& item : json.at("annotations").items()) {
    const std::size_t place = place_of(places, item.at("image_id"), "images");
    Shape shape = read_shape(item, set->pictures[place]);
    shape.category = int(place_of(categories, item.at("category_id"), "categories"));
    shape.number = number++;
    content.pictures[place].has_mask |= !shape.crowd;
    set->pictures[place].shapes.push_back(std::move(shape));
  }
  content.name = file.stem().string();
  content.format = DatasetFormat::kCoco;
  content.folder = file.parent_path();
  content.classes = set->categories;
  std::vector<std::string> names;
  for (const DatasetPicture& picture : content.pictures) names.push_back(picture.name);
  content.read_truth = [set, names = std::move(names)](std::size_t i, const MaskFrame& frame) {
    return read_truth(*set, i, names[i], frame);
  };
  content.looked_for = [set](std::size_t) { return set->file + ": annotations that are no crowd"; };
  return content;
}

}  // namespace whyclip::detail
