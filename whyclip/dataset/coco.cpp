#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/coco_images.h"
#include "whyclip/dataset/coco_shape.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/dataset/polygon.h"
#include "whyclip/dataset/run_length.h"
#include "whyclip/io/json.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kSkipped = std::numeric_limits<std::size_t>::max();

struct Annotation {
  std::size_t category = 0;  ///< index in CocoSet::classes
  bool crowd = false;
  CocoShape shape;
};

struct CocoImage {
  CocoSize size;
  std::vector<Annotation> annotations;
};

struct CocoSet {
  std::string file;
  std::vector<std::string> classes;
  std::vector<CocoImage> images;
};

/// An entry of "categories".
struct Category {
  std::string name, supercategory;
  std::size_t number = 0;  ///< index in the list
  bool used = false;       ///< an annotation refers to it
};

const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string shown(const Json* value) {
  if (value == nullptr) return "nothing";
  std::string text = value->dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

/// An id as text. 7, 7.0 and "7" give the same text.
std::optional<std::string> id_of(const Json* value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: larger doubles do not identify one integer
  if (value == nullptr) return std::nullopt;
  if (value->is_number_float()) {
    const double number = value->get<double>();
    if (std::abs(number) < kExact && number == std::floor(number)) {
      return fmt::format("{}", std::int64_t(number));
    }
  }
  if (value->is_number()) return value->dump();
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) return std::nullopt;
  std::string text = value->get<std::string>();
  const bool whole = text.size() > 2 && text.ends_with(".0") &&
                     text.find_first_not_of("0123456789-") == text.size() - 2;
  if (whole) text.resize(text.size() - 2);
  return text;
}

std::string text_of(const Json* value) {
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() ? value->dump() : "";
}

/// A list of the file; empty if the key is missing. Throws Error if the value is not a list.
const Json& list_of(const JsonView& view, const char* key) {
  static const Json kEmpty = Json::array();
  if (!view.has(key)) return kEmpty;
  const Json& list = view.at(key).value();
  if (list.is_array()) return list;
  throw Error(view.at(key).where(), fmt::format("expected a list, got {}", shown(&list)));
}

/// Reads the three lists of a file; entries that cannot be used become remarks.
class CocoReader {
 public:
  CocoReader(const JsonView& view, const fs::path& file, const DatasetOptions& options,
             CocoSet& set, DatasetContent& content)
      : view_(view),
        file_(file.string()),
        folders_(coco_image_folders(file, options)),
        set_(set),
        content_(content) {}

  void read() {
    read_categories();
    read_images();
    const Json& annotations = list_of(view_, "annotations");
    for (std::size_t i = 0; i < annotations.size(); ++i) read_annotation(annotations[i], i);
    name_classes();
    note_crowds();
  }

 private:
  std::string where(const char* list, std::size_t number) const {
    return fmt::format("{}: {}[{}]", file_, list, number);
  }

  void read_categories() {
    const Json& list = list_of(view_, "categories");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::optional<std::string> id = id_of(find(list[i], "id"));
      std::string name = text_of(find(list[i], "name"));
      if (!id || name.empty()) {
        content_.remarks.add("categories skipped: no id, or no name",
                             fmt::format("{}: {}", where("categories", i), shown(&list[i])));
        continue;
      }
      Category category{std::move(name), text_of(find(list[i], "supercategory")), i, false};
      const auto [position, is_new] = category_of_id_.emplace(*id, categories_.size());
      if (is_new) {
        categories_.push_back(std::move(category));
        continue;
      }
      Category& known = categories_[position->second];
      if (known.name != category.name) {
        content_.remarks.add("category ids with two names: the last name is used",
                             fmt::format("{}: id {}, \"{}\" instead of \"{}\"",
                                         where("categories", i), *id, category.name, known.name));
      }
      known = std::move(category);
    }
  }

  void read_images() {
    const Json& list = list_of(view_, "images");
    if (list.empty()) throw Error(view_.where() + ": images", "expected images, got none");
    std::unordered_map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (const auto id = id_of(find(list[i], "id"))) last[*id] = i;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::optional<std::string> id = id_of(find(list[i], "id"));
      if (!id) {
        content_.remarks.add_image("images skipped: no id",
                                   fmt::format("{}: {}", where("images", i), shown(&list[i])));
      } else if (last[*id] != i) {
        content_.remarks.add_image(
            "images skipped: a later image has the same id and gets the annotations",
            fmt::format("{}: id {}, {}", where("images", i), *id,
                        text_of(find(list[i], "file_name"))));
      } else {
        image_of_id_[*id] = read_image(list[i], i);
      }
    }
    if (!content_.images.empty()) return;
    if (first_missing_.empty()) {
      throw Error(view_.where() + ": images", "no image has an id and a \"file_name\"");
    }
    std::vector<std::string> paths;
    for (const fs::path& folder : folders_) {
      paths.push_back((folder / first_missing_).lexically_normal().string());
    }
    throw Error(first_missing_where_,
                fmt::format("no image of the data set exists; searched for {}; give the folder of "
                            "the images (--images-folder)",
                            fmt::join(paths, ", ")));
  }

  /// The image's index in the set, or kSkipped.
  std::size_t read_image(const Json& item, std::size_t number) {
    const bool has_file_name = !text_of(find(item, "file_name")).empty();
    const char* const key = has_file_name ? "file_name" : "coco_url";
    const std::string path = text_of(find(item, key));
    const std::string field = fmt::format("{}.{}", where("images", number), key);
    if (path.empty()) {
      content_.remarks.add_image("images skipped: neither file_name nor coco_url",
                                 where("images", number));
      return kSkipped;
    }
    const std::optional<CocoImageFile> found = find_coco_image(folders_, path);
    if (!found) {
      if (first_missing_.empty()) {
        first_missing_ = path;
        first_missing_where_ = field;
      }
      content_.remarks.add_image("images skipped: there is no file of this name",
                                 fmt::format("{}: {}", field, path));
      return kSkipped;
    }
    const auto [known, is_new] =
        image_of_file_.emplace(found->file.string(), content_.images.size());
    if (!is_new) return read_duplicate(path, known->second, field);
    return add_image(item, *found, path);
  }

  /// Handles a second entry for a file.
  std::size_t read_duplicate(const std::string& path, std::size_t known, const std::string& field) {
    if (paths_[known] == path) {
      content_.remarks.add("images listed twice: their annotations are merged",
                           fmt::format("{}: {}", field, path));
      return known;
    }
    content_.remarks.add_image("images skipped: another image has the same file",
                               fmt::format("{}: {}, {} is \"{}\" too", field, path,
                                           content_.images[known].file.string(), paths_[known]));
    return kSkipped;
  }

  std::size_t add_image(const Json& item, const CocoImageFile& found, const std::string& path) {
    DatasetImage image{.name = found.name, .file = found.file};
    // Two folders may hold files of one name.
    if (!names_.insert(image.name).second) image.name = found.file.generic_string();
    CocoSize size;
    const Json* const width = find(item, "width");
    const Json* const height = find(item, "height");
    if (width != nullptr && height != nullptr) {
      constexpr double kMax = std::numeric_limits<std::int32_t>::max();
      size = {std::int64_t(std::clamp(coco_number(*width).value_or(0), 0.0, kMax)),
              std::int64_t(std::clamp(coco_number(*height).value_or(0), 0.0, kMax))};
    }
    content_.images.push_back(std::move(image));
    paths_.push_back(path);
    set_.images.push_back({size, {}});
    return content_.images.size() - 1;
  }

  void read_annotation(const Json& item, std::size_t number) {
    const Json* const category_field = find(item, "category_id");
    const auto category = category_of(category_field);
    if (category) categories_[*category].used = true;
    const Json* const image_field = find(item, "image_id");
    const std::optional<std::string> image_id = id_of(image_field);
    const auto image = image_id ? image_of_id_.find(*image_id) : image_of_id_.end();
    const std::string entry = where("annotations", number);
    if (image == image_of_id_.end()) {
      content_.remarks.add("annotations skipped: their image_id is not in \"images\"",
                           fmt::format("{}.image_id: {}", entry, shown(image_field)));
      return;
    }
    if (image->second == kSkipped) return;  // the image has a remark already
    if (!category) {
      content_.remarks.add("annotations skipped: their category_id is not in \"categories\"",
                           fmt::format("{}.category_id: {}", entry, shown(category_field)));
      return;
    }
    bool is_crowd = false;
    if (const Json* const crowd = find(item, "iscrowd")) {
      const std::optional<double> value =
          crowd->is_boolean() ? double(crowd->get<bool>()) : coco_number(*crowd);
      if (!value) {
        content_.remarks.add("annotations skipped: their iscrowd is neither 0 nor 1",
                             fmt::format("{}.iscrowd: {}", entry, shown(crowd)));
        return;
      }
      is_crowd = *value != 0;
    }
    CocoImage& target = set_.images[image->second];
    std::optional<CocoShape> shape = read_coco_shape(item, target.size, entry, content_.remarks);
    if (!shape) return;
    content_.images[image->second].has_mask |= !is_crowd;
    target.annotations.push_back({*category, is_crowd, std::move(*shape)});
  }

  std::optional<std::size_t> category_of(const Json* field) const {
    const std::optional<std::string> id = id_of(field);
    const auto found = id ? category_of_id_.find(*id) : category_of_id_.end();
    if (found == category_of_id_.end()) return std::nullopt;
    return found->second;
  }

  /// Roboflow's first category, 0, stands for the project; no annotation uses it. It is the
  /// supercategory of the others, or the only category with the supercategory "none".
  bool is_root(const Category& category) const {
    if (category.used) return false;
    bool named = false, alone = category.number == 0 && category.supercategory == "none";
    for (const Category& other : categories_) {
      if (&other == &category) continue;
      named = named || other.supercategory == category.name;
      alone = alone && other.supercategory != "none";
    }
    return named || (alone && categories_.size() > 1);
  }

  /// Maps the categories to classes: equal names are one class.
  void name_classes() {
    std::vector<std::size_t> class_of(categories_.size(), 0);
    std::unordered_map<std::string, std::size_t> class_of_name;
    std::unordered_map<std::string, std::size_t> used_as;
    for (std::size_t c = 0; c < categories_.size(); ++c) {
      const Category& category = categories_[c];
      const std::string entry = where("categories", category.number);
      if (is_root(category)) {
        const bool is_class_name =
            std::any_of(categories_.begin(), categories_.end(), [&](const Category& other) {
              return &other != &category && other.name == category.name;
            });
        if (!is_class_name) {
          content_.remarks.add(
              "categories skipped: supercategories of others that no annotation uses",
              fmt::format("{}: \"{}\"", entry, category.name));
        }
        continue;
      }
      const auto [known, is_new] = class_of_name.emplace(category.name, set_.classes.size());
      if (is_new) set_.classes.push_back(category.name);
      class_of[c] = known->second;
      if (!category.used) continue;
      if (!used_as.emplace(category.name, category.number).second) {
        content_.remarks.add("categories of the same name: they are one class",
                             fmt::format("{}: \"{}\"", entry, category.name));
      }
    }
    for (CocoImage& image : set_.images) {
      for (Annotation& annotation : image.annotations) {
        annotation.category = class_of[annotation.category];
      }
    }
  }

  void note_crowds() {
    for (std::size_t i = 0; i < content_.images.size(); ++i) {
      if (content_.images[i].has_mask || set_.images[i].annotations.empty()) continue;
      content_.remarks.add("images without masks: all their annotations are crowds (iscrowd 1)",
                           content_.images[i].name);
    }
  }

  const JsonView& view_;
  const std::string file_;
  const std::vector<fs::path> folders_;
  CocoSet& set_;
  DatasetContent& content_;
  std::vector<Category> categories_;
  std::vector<std::string> paths_;  ///< of each image, as in the file
  std::unordered_map<std::string, std::size_t> category_of_id_, image_of_id_, image_of_file_;
  std::unordered_set<std::string> names_;
  std::string first_missing_, first_missing_where_;
};

void mark_shape(const CocoShape& shape, const MaskFrame& frame, const std::string& where,
                std::vector<std::uint8_t>& mask) {
  for (const std::vector<Corner>& ring : shape.rings) {
    mark_ring(ring, frame.width, frame.height, mask);
  }
  for (const std::vector<std::uint32_t>& runs : shape.runs) {
    mark_runs(runs, frame.width, frame.height, mask, where);
  }
}

ImageAnnotation read_annotation(const CocoSet& set, std::size_t index, const std::string& name,
                                const MaskFrame& frame) {
  const CocoImage& image = set.images[index];
  const std::string where = fmt::format("{}: {}", set.file, name);
  if (image.size.is_known()) {
    check_mask_size(frame, image.size.width, image.size.height, where);
  }
  std::map<std::size_t, ThingMask> things;
  ImageAnnotation result{
      frame.width, frame.height, {}, std::vector<std::uint8_t>(frame.pixels(), 0)};
  for (const Annotation& annotation : image.annotations) {
    if (annotation.crowd) {
      mark_shape(annotation.shape, frame, where, result.ignored);
      continue;
    }
    ThingMask& thing = things[annotation.category];
    if (thing.inside.empty()) {
      check_mask_memory(frame, things.size() + 1, where);
      thing.name = set.classes[annotation.category];
      thing.inside.assign(frame.pixels(), 0);
    }
    mark_shape(annotation.shape, frame, where, thing.inside);
  }
  for (auto& [category, thing] : things) result.things.push_back(std::move(thing));
  return without_empty_things(std::move(result));
}

}  // namespace

std::vector<fs::path> coco_files(const fs::path& folder) {
  constexpr std::string_view kNames[] = {"annotations.json", "coco.json", "result.json",
                                         "result_coco.json"};
  std::vector<fs::path> result;
  std::vector<fs::path> sub_folders;
  const auto add_from = [&](const fs::path& directory, bool roboflow_only) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(directory, code)) {
      const std::string name = entry.path().filename().string();
      const bool known =
          (name.starts_with("instances") || name.starts_with("lvis_")) && name.ends_with(".json");
      const bool matches =
          name.ends_with(".coco.json") ||
          (!roboflow_only &&
           (known || std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)));
      if (matches && entry.is_regular_file(code)) result.push_back(entry.path());
      if (directory == folder && entry.is_directory(code)) sub_folders.push_back(entry.path());
    }
  };
  add_from(folder, false);
  add_from(folder / "annotations", false);
  if (result.empty()) {
    // Roboflow's train/, valid/ and test/.
    for (const fs::path& sub_folder : sub_folders) add_from(sub_folder, true);
  }
  std::sort(result.begin(), result.end());
  return result;
}

DatasetContent open_coco(const JsonView& json, const fs::path& file,
                         const DatasetOptions& options) {
  DatasetContent content;
  auto set = std::make_shared<CocoSet>();
  set->file = file.string();
  CocoReader(json, file, options, *set, content).read();
  content.name = file.stem().string();
  content.format = DatasetFormat::kCoco;
  content.folder = file.parent_path();
  content.classes = set->classes;
  std::vector<std::string> names;
  for (const DatasetImage& image : content.images) names.push_back(image.name);
  content.read_annotation = [set, names = std::move(names)](std::size_t i, const MaskFrame& frame) {
    return read_annotation(*set, i, names[i], frame);
  };
  content.searched_for = [set](std::size_t) {
    return set->file + ": annotations that are not crowds";
  };
  return content;
}

}  // namespace whyclip::detail
