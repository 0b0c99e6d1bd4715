#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// How a set of images says what is where (docs/datasets.md).
enum class DatasetFormat { kWhyclip, kLabelImages, kCoco, kYolo, kImages };

/// "whyclip", "labels", "coco", "yolo", "images".
std::string_view dataset_format_name(DatasetFormat format);
/// Throws Error listing the names for any other.
DatasetFormat find_dataset_format(std::string_view name);

struct DatasetOptions {
  std::optional<DatasetFormat> format = std::nullopt;  ///< otherwise recognised
  std::filesystem::path images = {};                   ///< COCO: the folder that holds the images
  std::string split = {};            ///< only images of this key of data.yaml, or sub-folder
  bool target_from_folders = false;  ///< an image's sub-folder names the target class
  std::int64_t max_mask_bytes = std::int64_t(1) << 30;  ///< of one image's masks
};

/// Entries of a set that cannot be used, or are used otherwise than the set writes them.
struct DatasetRemark {
  std::string what;                   ///< the kind: "images left out: there is no file"
  bool images = false;                ///< whole images are left out
  std::int64_t count = 0;             ///< of entries
  std::vector<std::string> examples;  ///< the first few of them, each with its place
};

/// "what (count): example; example; and 3 more".
std::string text_of(const DatasetRemark& remark);

struct DatasetImage {
  std::string name;             ///< its path below the folder of the images, with "/"; unique
  std::filesystem::path file;   ///< to open it
  std::string classifier = {};  ///< the target class; empty: the set does not say
  bool has_mask = false;        ///< truth() has something to read
};

/// The pixels that show a part of a thing; none if the part is there, but hidden.
struct PartMask {
  std::string name;
  int label = 0;                     ///< its number in the label image
  std::vector<std::uint8_t> inside;  ///< (height, width), row-major, 1 inside
};

/// The pixels that show a thing, or all things of a class where the format does not tell them
/// apart.
struct ThingMask {
  std::string name;                  ///< its class
  std::vector<std::uint8_t> inside;  ///< (height, width), row-major, 1 inside
  std::vector<PartMask> parts;       ///< they make up `inside`; empty if the format knows none
};

/// What is where on one upright image.
struct ImageAnnotation {
  int width = 0, height = 0;
  std::vector<ThingMask> things;  ///< none without pixels; they may overlap
  /// (height, width), 1 where the set does not say what is there, and no thing is; empty if
  /// nowhere.
  std::vector<std::uint8_t> ignored;
};

/// What an image's things and parts do to the scores, measured by drawing the scene without them.
/// Every list is over the classes, in the order of Dataset::classes().
struct TrueEffects {
  std::vector<double> full;                 ///< scores of the whole image
  std::vector<double> empty;                ///< scores with nothing drawn
  std::vector<std::vector<double>> things;  ///< for each thing, in the order of ImageAnnotation::things
  std::vector<std::vector<double>> parts;   ///< for each part, by rising label
};

/// With which model the effects were measured.
struct EffectsSource {
  std::string model;
  std::string weights_sha256;  ///< 64 hexadecimal digits, lower case
  std::string templates;
};

namespace detail {
struct DatasetContent;
}

/// A set of images, with masks or without. Masks are read when asked for, one image at a time;
/// all functions may be called from several threads.
class Dataset {
 public:
  explicit Dataset(std::shared_ptr<const detail::DatasetContent> content);

  const std::string& name() const;
  const std::string& description() const;  ///< what its author says of it; may be empty
  DatasetFormat format() const;
  const std::filesystem::path& folder() const;
  const std::vector<std::string>& classes() const;    ///< may be empty
  const std::vector<DatasetImage>& images() const;    ///< at least one
  bool has_masks() const;                             ///< of some image at least
  const std::vector<DatasetRemark>& remarks() const;  ///< on what was left out on opening

  /// The masks of an image that is width × height once upright. Throws Error naming the image
  /// and its mask file: for an image without mask, a mask of another size, a label or class that
  /// has no name, and for what is damaged. An image on which nothing is marked has no things.
  ImageAnnotation truth(int image, int width, int height) const;

  const std::optional<EffectsSource>& effects_source() const;  ///< without: no effects
  std::optional<TrueEffects> effects(int image) const;

 private:
  const DatasetImage& image_at(int image) const;

  std::shared_ptr<const detail::DatasetContent> content_;
};

/// Opens a folder, a dataset.json, a COCO file or a YOLO data.yaml. No image and no mask image is
/// read. An image or an annotation that cannot be used is left out with a remark; in whyclip's own
/// format it is an error. Throws Error naming the file for what is no set, and for a set without
/// images.
Dataset open_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace whyclip
