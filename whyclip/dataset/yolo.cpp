#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/dataset/label_names.h"
#include "whyclip/dataset/mask_layout.h"
#include "whyclip/dataset/polygon.h"
#include "whyclip/dataset/yaml_names.h"
#include "whyclip/io/file.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNameFiles[] = {"data.yaml",   "data.yml",    "dataset.yaml",
                                      "dataset.yml", "classes.txt", "labels/classes.txt"};

struct YoloSet {
  fs::path folder;
  std::vector<std::string> labels;  ///< the file of each picture
  std::vector<std::string> classes;
};

std::vector<double> parse_numbers(const std::string& line, const std::string& where) {
  std::vector<double> numbers;
  const char* const end = line.data() + line.size();
  for (const char* at = line.data(); at != end;) {
    double number = 0;
    const auto [stop, code] = std::from_chars(at, end, number);
    if (code != std::errc() || (stop != end && *stop != ' ' && *stop != '\t')) {
      const std::string rest(at, std::find_if(at, end, [](char c) { return c == ' '; }));
      throw Error(where,
                  fmt::format("expected numbers with blanks between them, got \"{}\"", rest));
    }
    numbers.push_back(number);
    at = std::find_if(stop, end, [](char c) { return c != ' ' && c != '\t'; });
  }
  return numbers;
}

/// The ring of a line's numbers behind its class, in pixels: a box cx cy w h, or corners x y.
std::vector<Corner> parse_ring(const std::vector<double>& numbers, const MaskFrame& frame,
                               const std::string& where) {
  const double w = frame.width, h = frame.height;
  std::vector<Corner> ring;
  if (numbers.size() == 5) {
    const double left = (numbers[1] - numbers[3] / 2) * w,
                 right = (numbers[1] + numbers[3] / 2) * w;
    const double top = (numbers[2] - numbers[4] / 2) * h,
                 bottom = (numbers[2] + numbers[4] / 2) * h;
    ring = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
  } else if (numbers.size() % 2 == 0) {
    throw Error(where, fmt::format("expected a class and pairs of coordinates, got {} numbers, of "
                                   "which one is left over",
                                   numbers.size()));
  }
  for (std::size_t i = 1; numbers.size() != 5 && i + 1 < numbers.size(); i += 2) {
    ring.push_back({numbers[i] * w, numbers[i + 1] * h});
  }
  check_ring(ring, frame.width, frame.height, where);
  return ring;
}

int class_of(double number, const YoloSet& set, const std::string& where) {
  const bool known = number >= 0 && number < double(set.classes.size()) && number == int(number);
  if (!known) {
    throw Error(where, fmt::format("expected a class from 0 to {}, got {}", set.classes.size() - 1,
                                   number));
  }
  return int(number);
}

GroundTruth read_truth(const YoloSet& set, std::size_t picture, const MaskFrame& frame) {
  const fs::path file = set.folder / set.labels[picture];
  std::map<int, std::vector<std::vector<Corner>>> rings;
  for (const Line& line : text_lines(read_text(file))) {
    const std::string where = fmt::format("{}: line {}", file.string(), line.number);
    const std::vector<double> numbers = parse_numbers(line.text, where);
    const int index = class_of(numbers[0], set, where);
    rings[index].push_back(parse_ring(numbers, frame, where));
  }
  check_mask_memory(frame, rings.size(), file.string());
  GroundTruth truth{frame.width, frame.height, {}, {}};
  for (const auto& [index, of_class] : rings) {
    ThingMask thing{set.classes[std::size_t(index)], {}, {}};
    thing.inside.assign(frame.pixels(), 0);
    for (const auto& ring : of_class) mark_ring(ring, frame.width, frame.height, thing.inside);
    truth.things.push_back(std::move(thing));
  }
  return without_empty_things(std::move(truth), file.string());
}

std::vector<std::string> read_classes(const fs::path& file) {
  const std::string text = read_text(file);
  if (file.extension() != ".txt") return parse_yaml_names(text, file.string());
  std::vector<std::string> classes;
  for (const Line& line : text_lines(text)) classes.push_back(line.text);
  if (classes.empty()) throw Error(file.string(), "expected a class name on every line, got none");
  return classes;
}

fs::path names_file(const fs::path& folder, const FolderFiles& files) {
  for (const char* name : kNameFiles) {
    if (files.all.contains(name)) return folder / name;
  }
  throw Error(
      folder.string(),
      "no names of the YOLO classes; expected data.yaml with \"names\", or classes.txt with "
      "a name on every line, class 0 first");
}

}  // namespace

DatasetContent open_yolo(const fs::path& folder, const fs::path& names,
                         const DatasetOptions& options) {
  const FolderFiles files = list_files(folder);
  MaskedPictures found = find_masks(folder, files, kYoloLayout, options.split);
  DatasetContent content;
  content.name = folder_name(folder);
  content.format = DatasetFormat::kYolo;
  content.folder = folder;
  content.classes = read_classes(names.empty() ? names_file(folder, files) : names);
  content.pictures = folder_pictures(folder, found.pictures, options);
  for (std::size_t i = 0; i < found.masks.size(); ++i) {
    content.pictures[i].has_mask = !found.masks[i].empty();
  }
  auto set = std::make_shared<YoloSet>();
  set->folder = folder;
  set->labels = std::move(found.masks);
  set->classes = content.classes;
  content.read_truth = [set](std::size_t i, const MaskFrame& frame) {
    return read_truth(*set, i, frame);
  };
  content.looked_for = [pictures = std::move(found.pictures)](std::size_t i) {
    return fmt::format("{}", fmt::join(mask_places(pictures[i], kYoloLayout), ", "));
  };
  return content;
}

DatasetFormat recognise_folder(const fs::path& folder, const DatasetOptions& options) {
  const FolderFiles files = list_files(folder);
  const auto has = [&](const char* file) { return files.all.contains(file); };
  if (has("data.yaml") || has("data.yml")) return DatasetFormat::kYolo;
  for (const std::string& picture : of_split(files.pictures, options.split)) {
    // Beside pictures lie captions as often as labels.
    for (const std::string& place : mask_places(picture, {kYoloLayout.folders, {}, ".txt"})) {
      if (has(place.c_str())) return DatasetFormat::kYolo;
    }
    if (is_mask_place(picture, kLabelLayout)) continue;
    for (const std::string& place : mask_places(picture, kLabelLayout)) {
      if (has(place.c_str())) return DatasetFormat::kLabelImages;
    }
  }
  return DatasetFormat::kPictures;
}

}  // namespace whyclip::detail
