#pragma once

// Not part of the public interface: what the readers of the formats make.

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
  std::optional<EffectsSource> source;
  std::vector<std::optional<TrueEffects>> of_images;  ///< empty without a source
};

struct DatasetContent {
  std::string name, description;
  DatasetFormat format = DatasetFormat::kImages;
  std::filesystem::path folder;
  std::vector<std::string> classes;
  std::vector<DatasetImage> images;
  Remarks remarks;
  /// Reads the masks of images[i]; asked only of images that have one.
  std::function<ImageAnnotation(std::size_t image, const MaskFrame& frame)> read_truth;
  /// Where a mask of images[i] was looked for, for the message that there is none.
  std::function<std::string(std::size_t image)> looked_for;
  Effects effects;
  std::int64_t max_mask_bytes = 0;  ///< of one image
};

DatasetContent open_described(const JsonView& json, const std::filesystem::path& file);
DatasetContent open_coco(const JsonView& json, const std::filesystem::path& file,
                         const DatasetOptions& options);
/// `names` is a data.yaml or classes.txt; empty: looked for in the folder.
DatasetContent open_yolo(const std::filesystem::path& folder, const std::filesystem::path& names,
                         const DatasetOptions& options);
DatasetContent open_label_folder(const std::filesystem::path& folder,
                                 const DatasetOptions& options);
DatasetContent open_images(const std::filesystem::path& folder, const DatasetOptions& options);

/// What a folder seems to hold, if it holds neither dataset.json nor a COCO file.
DatasetFormat recognise_folder(const std::filesystem::path& folder, const DatasetOptions& options);

/// The COCO files that a folder holds, by the names that tools give them (docs/datasets.md), in it
/// or in its sub-folder annotations.
std::vector<std::filesystem::path> coco_files(const std::filesystem::path& folder);

/// effects.json beside dataset.json. `things` and `parts` count what each image has.
struct ImageCounts {
  std::size_t things = 0, parts = 0;
};
Effects read_effects(const std::filesystem::path& file, const DatasetContent& content,
                     const std::vector<ImageCounts>& counts);

/// A relative path that stays inside of its folder, normalised. Throws Error naming the field.
std::filesystem::path inner_path(const JsonView& field);

}  // namespace detail
}  // namespace whyclip
