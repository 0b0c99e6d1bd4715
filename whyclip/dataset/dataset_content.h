#pragma once

// Not part of the public interface: the result of the format readers.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/dataset.h"
#include "whyclip/dataset/masks.h"
#include "whyclip/dataset/remarks.h"

namespace whyclip {

class JsonView;

namespace detail {

struct Effects {
  std::optional<EffectsModel> model;
  std::vector<std::optional<TrueEffects>> per_image;  ///< empty without a model
};

struct DatasetContent {
  std::string name, description;
  DatasetFormat format = DatasetFormat::kImages;
  std::filesystem::path folder;
  std::vector<std::string> classes;
  std::vector<DatasetImage> images;
  Remarks remarks;
  /// Reads the masks of images[i]; called only if images[i].has_mask.
  std::function<ImageAnnotation(std::size_t image, const MaskFrame& frame)> read_annotation;
  /// Paths or fields that were searched for a mask of images[i]; part of an error message.
  std::function<std::string(std::size_t image)> searched_for;
  Effects effects;
  std::int64_t max_mask_bytes = 0;  ///< limit for one image
};

DatasetContent open_described(const JsonView& json, const std::filesystem::path& file);
DatasetContent open_coco(const JsonView& json, const std::filesystem::path& file,
                         const DatasetOptions& options);
/// `names` is a data.yaml or classes.txt; if empty, the folder is searched for one.
DatasetContent open_yolo(const std::filesystem::path& folder, const std::filesystem::path& names,
                         const DatasetOptions& options);
DatasetContent open_label_folder(const std::filesystem::path& folder,
                                 const DatasetOptions& options);
DatasetContent open_images(const std::filesystem::path& folder, const DatasetOptions& options);

/// Detects the format of a folder that holds neither dataset.json nor a COCO file.
DatasetFormat detect_format(const std::filesystem::path& folder, const DatasetOptions& options);

/// The COCO files in a folder or in its sub-folder annotations, found by the file names that
/// common tools write (docs/datasets.md).
std::vector<std::filesystem::path> coco_files(const std::filesystem::path& folder);

/// Numbers of things and parts of an image.
struct ImageCounts {
  std::size_t things = 0, parts = 0;
};
/// Reads the effects.json beside a dataset.json; `counts` has one entry per image.
Effects read_effects(const std::filesystem::path& file, const DatasetContent& content,
                     const std::vector<ImageCounts>& counts);

/// The field as a normalised relative path. Throws Error naming the field if the path leaves its
/// folder.
std::filesystem::path inner_path(const JsonView& field);

}  // namespace detail
}  // namespace whyclip
