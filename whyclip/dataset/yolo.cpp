#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/dataset/label_names.h"
#include "whyclip/dataset/mask_layout.h"
#include "whyclip/dataset/polygon.h"
#include "whyclip/dataset/yaml_names.h"
#include "whyclip/dataset/yolo_label.h"
#include "whyclip/io/file.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNameFiles[] = {"data.yaml",   "data.yml",    "dataset.yaml",
                                      "dataset.yml", "classes.txt", "labels/classes.txt"};
constexpr const char* kSplits[] = {"train", "val", "validation", "test"};

struct YoloSet {
  std::vector<fs::path> labels;  ///< file of each image; empty if it has none
  std::vector<std::string> classes;
  std::optional<KeypointShape> keypoints;
};

/// A data.yaml, or a list of class names.
struct YoloConfig {
  fs::path file;
  std::string text;

  bool is_yaml() const { return file.extension() != ".txt"; }
  std::vector<std::string> texts(std::string_view key) const {
    if (!is_yaml()) return {};
    return parse_yaml_texts(text, file.string(), key);
  }
};

/// Images with their label files.
struct YoloImages {
  std::vector<DatasetImage> images;
  std::vector<fs::path> labels;
};

ImageAnnotation read_annotation(const YoloSet& set, std::size_t image, const MaskFrame& frame) {
  const fs::path& file = set.labels[image];
  std::map<int, std::vector<std::vector<Corner>>> rings;
  for (YoloThing& thing :
       parse_yolo_label(read_text(file), file.string(), int(set.classes.size()), set.keypoints)) {
    for (Corner& corner : thing.ring) {
      corner.x *= frame.width;
      corner.y *= frame.height;
    }
    rings[thing.class_index].push_back(std::move(thing.ring));
  }
  check_mask_memory(frame, rings.size(), file.string());
  ImageAnnotation annotation{frame.width, frame.height, {}, {}};
  for (const auto& [index, class_rings] : rings) {
    ThingMask thing{set.classes[std::size_t(index)], {}, {}};
    thing.inside.assign(frame.pixels(), 0);
    for (const auto& ring : class_rings) mark_ring(ring, frame.width, frame.height, thing.inside);
    annotation.things.push_back(std::move(thing));
  }
  return without_empty_things(std::move(annotation));
}

std::vector<std::string> read_classes(const YoloConfig& config) {
  if (config.is_yaml()) return parse_yaml_names(config.text, config.file.string());
  std::vector<std::string> classes;
  for (const Line& line : text_lines(config.text)) classes.push_back(line.text);
  if (classes.empty()) {
    throw Error(config.file.string(), "expected a class name on every line, got none");
  }
  return classes;
}

std::optional<KeypointShape> read_keypoints(const YoloConfig& config) {
  const std::vector<std::string> texts = config.texts("kpt_shape");
  if (texts.empty()) return std::nullopt;
  std::vector<int> numbers;
  for (const std::string& text : texts) {
    int number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc() && end == text.data() + text.size()) numbers.push_back(number);
  }
  const bool sound = texts.size() == 2 && numbers.size() == 2 && numbers[0] > 0 &&
                     numbers[0] < 10'000 && (numbers[1] == 2 || numbers[1] == 3);
  if (sound) return KeypointShape{numbers[0], numbers[1]};
  throw Error(config.file.string() + ": kpt_shape",
              fmt::format("expected the number of keypoints and of numbers per keypoint (2 or 3), "
                          "as [17, 3]; got [{}]",
                          fmt::join(texts, ", ")));
}

fs::path names_file(const fs::path& folder, const FolderFiles& files) {
  for (const char* name : kNameFiles) {
    if (files.all.contains(name)) return folder / name;
  }
  throw Error(
      folder.string(),
      "no names for the YOLO classes; expected data.yaml with \"names\", or classes.txt with "
      "a name on every line, class 0 first");
}

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}

/// The images listed by the keys train, val and test of a data.yaml: folders and lists of images
/// (.txt), relative to the folder "path".
class NamedImages {
 public:
  NamedImages(const YoloConfig& config, const DatasetOptions& options, Remarks& remarks)
      : config_(config), options_(options), remarks_(remarks) {
    const fs::path beside = config.file.parent_path();
    const std::vector<std::string> path = config.texts("path");
    if (!path.empty()) roots_.push_back(beside / path.front());
    roots_.push_back(beside);
  }

  YoloImages result;

  void add_split(const std::string& key) {
    for (const std::string& entry : config_.texts(key)) add_entry(key, entry);
  }

 private:
  /// Roboflow writes ../train/images for a folder beside data.yaml; Ultralytics accepts this.
  std::vector<fs::path> possible_paths(const std::string& entry) const {
    std::vector<fs::path> paths;
    for (const fs::path& root : roots_) {
      paths.push_back((root / entry).lexically_normal());
      if (entry.starts_with("../")) paths.push_back((root / entry.substr(3)).lexically_normal());
    }
    return paths;
  }

  void add_entry(const std::string& key, const std::string& entry) {
    std::error_code code;
    for (const fs::path& path : possible_paths(entry)) {
      if (fs::is_directory(path, code)) return add_folder(path);
      if (fs::is_regular_file(path, code)) return add_list(path);
    }
    remarks_.add("entries of data.yaml skipped: the folder or list does not exist",
                 fmt::format("{}: {}: {}", config_.file.string(), key, entry));
  }

  void add_folder(const fs::path& folder) {
    const FolderFiles files = list_files(folder);
    remarks_.append(files.remarks);
    for (const std::string& image : files.images) add_image(folder / image);
  }

  void add_list(const fs::path& list) {
    for (const Line& line : text_lines(read_text(list))) {
      const fs::path beside = (list.parent_path() / line.text).lexically_normal();
      const auto found = is_file(beside) ? std::optional<fs::path>(beside) : find(line.text);
      if (found) {
        add_image(*found);
      } else {
        remarks_.add_image("images skipped: there is no file of this name",
                           fmt::format("{}: line {}: {}", list.string(), line.number, line.text));
      }
    }
  }

  std::optional<fs::path> find(const std::string& entry) const {
    for (fs::path& path : possible_paths(entry)) {
      if (is_file(path)) return std::move(path);
    }
    return is_file(entry) ? std::optional<fs::path>(entry) : std::nullopt;
  }

  void add_image(const fs::path& path) {
    const fs::path file = path.lexically_normal();
    if (!known_.insert(file.string()).second) return;
    std::string name = file.lexically_relative(roots_.back().lexically_normal()).generic_string();
    if (name.empty() || name.starts_with("..")) name = file.generic_string();
    DatasetImage image{.name = std::move(name), .file = file};
    if (options_.target_from_folders) image.target_class = class_folder(image.name, options_.split);
    const std::string label = find_yolo_label(
        file.generic_string(), [](const std::string& label_path) { return is_file(label_path); });
    image.has_mask = !label.empty();
    result.images.push_back(std::move(image));
    result.labels.emplace_back(label);
  }

  const YoloConfig& config_;
  const DatasetOptions& options_;
  Remarks& remarks_;
  std::vector<fs::path> roots_;
  std::set<std::string> known_;
};

/// The images below the set's folder.
YoloImages images_below(const fs::path& folder, const FolderFiles& files,
                        const DatasetOptions& options, const Remarks& remarks) {
  std::vector<std::string> names = images_of_split(files.images, options.split);
  std::erase_if(names, [](const std::string& name) { return is_mask_path(name, kYoloLayout); });
  YoloImages found{folder_images(folder, names, options, remarks), {}};
  for (DatasetImage& image : found.images) {
    const std::string label = find_yolo_label(
        image.name, [&](const std::string& path) { return files.all.contains(path); });
    image.has_mask = !label.empty();
    found.labels.push_back(label.empty() ? fs::path() : folder / label);
  }
  return found;
}

/// The images of a split as listed in data.yaml. Without a split, or if the list is empty: the
/// images below the folder or, if there are none, all images listed in data.yaml.
YoloImages find_images(const fs::path& folder, const FolderFiles& files, const YoloConfig& config,
                       const DatasetOptions& options, Remarks& remarks) {
  Remarks named_remarks;
  NamedImages named(config, options, named_remarks);
  if (!options.split.empty()) {
    named.add_split(options.split);
  } else if (files.images.empty()) {
    for (const char* split : kSplits) named.add_split(split);
  }
  if (named.result.images.empty()) {
    Remarks all = files.remarks;
    all.append(named_remarks);
    YoloImages found = images_below(folder, files, options, all);
    remarks.append(files.remarks);
    return found;
  }
  remarks.append(named_remarks);
  return std::move(named.result);
}

}  // namespace

DatasetContent open_yolo(const fs::path& folder, const fs::path& names,
                         const DatasetOptions& options) {
  const FolderFiles files = list_files(folder);
  YoloConfig config{names.empty() ? names_file(folder, files) : names, {}};
  config.text = read_text(config.file);
  DatasetContent content;
  content.name = folder_name(folder);
  content.format = DatasetFormat::kYolo;
  content.folder = folder;
  content.classes = read_classes(config);
  auto set = std::make_shared<YoloSet>();
  set->classes = content.classes;
  set->keypoints = read_keypoints(config);
  YoloImages found = find_images(folder, files, config, options, content.remarks);
  content.images = std::move(found.images);
  set->labels = std::move(found.labels);
  content.read_annotation = [set](std::size_t i, const MaskFrame& frame) {
    return read_annotation(*set, i, frame);
  };
  std::vector<std::string> shown;
  for (const DatasetImage& image : content.images) shown.push_back(image.name);
  content.searched_for = [shown = std::move(shown)](std::size_t i) {
    return fmt::format("{}", fmt::join(mask_paths(shown[i], kYoloLayout), ", "));
  };
  return content;
}

DatasetFormat detect_format(const fs::path& folder, const DatasetOptions& options) {
  const FolderFiles files = list_files(folder);
  const auto has = [&](const char* file) { return files.all.contains(file); };
  if (has("data.yaml") || has("data.yml")) return DatasetFormat::kYolo;
  for (const std::string& image : images_of_split(files.images, options.split)) {
    // A .txt beside an image may be a caption, so only label folders count.
    for (const std::string& path : mask_paths(image, {kYoloLayout.folders, {}, ".txt"})) {
      if (has(path.c_str())) return DatasetFormat::kYolo;
    }
    if (is_mask_path(image, kLabelLayout)) continue;
    for (const std::string& path : mask_paths(image, kLabelLayout)) {
      if (has(path.c_str())) return DatasetFormat::kLabelImages;
    }
  }
  return DatasetFormat::kImages;
}

}  // namespace whyclip::detail
