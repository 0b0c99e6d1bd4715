#include "whyclip/dataset/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace detail {
namespace {

namespace fs = std::filesystem;

bool is_wanted(const DatasetOptions& options, DatasetFormat format) {
  return !options.format || *options.format == format;
}

[[noreturn]] void throw_wrong_format(const fs::path& path, const DatasetOptions& options,
                                     const std::string& found) {
  throw Error(path.string(), fmt::format("expected a data set in the format \"{}\", got {}",
                                         dataset_format_name(*options.format), found));
}

/// Replaces NaN, Infinity and -Infinity by null. Python's json module writes them, but they are not
/// valid JSON.
std::string without_python_numbers(std::string_view text) {
  constexpr std::string_view kWords[] = {"NaN", "-Infinity", "Infinity"};
  std::string result;
  bool quoted = false;
  while (!text.empty()) {
    const auto word = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](std::string_view known) { return text.starts_with(known); });
    std::size_t length = 1;
    if (!quoted && word != std::end(kWords)) {
      result += "null";
      length = word->size();
    } else {
      if (text[0] == '"') quoted = !quoted;
      if (quoted && text[0] == '\\' && text.size() > 1) length = 2;
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

JsonView read_json(const fs::path& file) {
  const std::string text = read_text(file);
  try {
    return JsonView::parse(text, file.string());
  } catch (const Error& error) {
    try {
      return JsonView::parse(without_python_numbers(text), file.string());
    } catch (const Error&) {
      throw error;  // its position refers to the original text
    }
  }
}

DatasetContent open_json(const fs::path& file, const DatasetOptions& options) {
  const JsonView json = read_json(file);
  if (json.has("format")) {
    if (!is_wanted(options, DatasetFormat::kWhyclip)) {
      throw_wrong_format(file, options, "a JSON file with a field \"format\"");
    }
    return open_described(json, file);
  }
  if (!json.has("images") || !(json.has("annotations") || json.has("categories"))) {
    throw Error(file.string(),
                "expected a dataset.json with \"format\", or a COCO file with \"images\", "
                "\"annotations\" and \"categories\"");
  }
  if (!is_wanted(options, DatasetFormat::kCoco)) throw_wrong_format(file, options, "a COCO file");
  return open_coco(json, file, options);
}

DatasetContent open_file(const fs::path& file, const DatasetOptions& options) {
  const std::string extension = file.extension().string();
  if (extension == ".json") return open_json(file, options);
  if (extension != ".yaml" && extension != ".yml") {
    throw Error(file.string(), "expected a folder, a .json file or a YOLO data.yaml");
  }
  if (!is_wanted(options, DatasetFormat::kYolo)) throw_wrong_format(file, options, "a YAML file");
  return open_yolo(file.has_parent_path() ? file.parent_path() : fs::path("."), file, options);
}

/// The one COCO file of a folder; empty if there is none.
fs::path find_coco(const fs::path& folder) {
  const std::vector<fs::path> files = coco_files(folder);
  if (files.empty()) return {};
  if (files.size() == 1) return files.front();
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.string());
  throw Error(folder.string(), fmt::format("holds {} COCO files; open one of {}", files.size(),
                                           fmt::join(names, ", ")));
}

DatasetContent open_folder(const fs::path& folder, const DatasetOptions& options) {
  std::error_code code;
  const fs::path described = folder / "dataset.json";
  if (is_wanted(options, DatasetFormat::kWhyclip) && fs::exists(described, code)) {
    return open_json(described, options);
  }
  if (is_wanted(options, DatasetFormat::kCoco)) {
    if (const fs::path file = find_coco(folder); !file.empty()) return open_json(file, options);
  }
  switch (options.format ? *options.format : detect_format(folder, options)) {
    case DatasetFormat::kWhyclip:
      throw_wrong_format(folder, options, "a folder without dataset.json");
    case DatasetFormat::kCoco:
      throw_wrong_format(folder, options, "a folder without COCO file");
    case DatasetFormat::kYolo:
      return open_yolo(folder, {}, options);
    case DatasetFormat::kLabelImages:
      return open_label_folder(folder, options);
    case DatasetFormat::kImages:
      return open_images(folder, options);
  }
  throw Error(folder.string(), "unknown format");
}

void check_options(const DatasetContent& content, const fs::path& path,
                   const DatasetOptions& options) {
  const bool described =
      content.format == DatasetFormat::kWhyclip || content.format == DatasetFormat::kCoco;
  if (described && (!options.split.empty() || options.target_from_folders)) {
    throw Error(path.string(),
                "a split and target classes from folder names apply to folders only; this set "
                "lists its images in a file");
  }
  if (!options.images.empty() && content.format != DatasetFormat::kCoco) {
    throw Error(path.string(), "a folder of images applies to a COCO file only");
  }
  const bool masks = std::any_of(content.images.begin(), content.images.end(),
                                 [](const DatasetImage& image) { return image.has_mask; });
  if (options.format && content.format == DatasetFormat::kLabelImages && !masks) {
    throw Error(path.string(),
                fmt::format("no image has a mask; searched for {} of the first image",
                            content.searched_for(0)));
  }
}

}  // namespace
}  // namespace detail

Dataset::Dataset(std::shared_ptr<const detail::DatasetContent> content)
    : content_(std::move(content)) {}

const std::string& Dataset::name() const { return content_->name; }
const std::string& Dataset::description() const { return content_->description; }
DatasetFormat Dataset::format() const { return content_->format; }
const std::filesystem::path& Dataset::folder() const { return content_->folder; }
const std::vector<std::string>& Dataset::classes() const { return content_->classes; }
const std::vector<DatasetImage>& Dataset::images() const { return content_->images; }

const std::vector<DatasetRemark>& Dataset::remarks() const { return content_->remarks.all(); }

bool Dataset::has_masks() const {
  return std::any_of(images().begin(), images().end(),
                     [](const DatasetImage& image) { return image.has_mask; });
}

const DatasetImage& Dataset::image_at(int image) const {
  if (image >= 0 && std::size_t(image) < images().size()) {
    return images()[std::size_t(image)];
  }
  throw Error(name(),
              fmt::format("expected an image from 0 to {}, got {}", images().size() - 1, image));
}

ImageAnnotation Dataset::annotation(int image, int width, int height) const {
  const DatasetImage& target = image_at(image);
  if (width <= 0 || height <= 0) {
    throw Error(target.file.string(),
                fmt::format("expected a positive width and height, got {} × {}", width, height));
  }
  if (!target.has_mask) {
    const std::string searched =
        content_->searched_for ? "; searched for " + content_->searched_for(std::size_t(image))
                               : "; its data set has no masks";
    throw Error(target.file.string(), "the image has no mask" + searched);
  }
  const detail::MaskFrame frame{width, height, content_->max_mask_bytes};
  detail::check_mask_memory(frame, 1, target.file.string());
  return content_->read_annotation(std::size_t(image), frame);
}

const std::optional<EffectsModel>& Dataset::effects_model() const {
  return content_->effects.model;
}

std::optional<TrueEffects> Dataset::effects(int image) const {
  image_at(image);
  if (!effects_model()) return std::nullopt;
  return content_->effects.per_image[std::size_t(image)];
}

Dataset open_dataset(const std::filesystem::path& path, const DatasetOptions& options) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    throw Error(path.string(),
                "expected a folder of images, or a file that describes a data set; the path does "
                "not exist");
  }
  auto content = std::make_shared<detail::DatasetContent>(std::filesystem::is_directory(status)
                                                              ? detail::open_folder(path, options)
                                                              : detail::open_file(path, options));
  detail::check_options(*content, path, options);
  content->max_mask_bytes = options.max_mask_bytes;
  return Dataset(std::move(content));
}

}  // namespace whyclip
