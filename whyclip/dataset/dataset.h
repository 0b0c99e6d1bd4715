#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// The file format of the masks of a data set (docs/datasets.md).
enum class DatasetFormat { kWhyclip, kLabelImages, kCoco, kYolo, kImages };

/// "whyclip", "labels", "coco", "yolo", "images".
std::string_view dataset_format_name(DatasetFormat format);
/// Throws Error listing the names for any other.
DatasetFormat find_dataset_format(std::string_view name);

struct DatasetOptions {
  std::optional<DatasetFormat> format = std::nullopt;  ///< nullopt: detected
  std::filesystem::path images = {};                   ///< COCO: the folder that holds the images
  std::string split = {};            ///< only images of this key of data.yaml, or sub-folder
  bool target_from_folders = false;  ///< an image's sub-folder names the target class
  std::int64_t max_mask_bytes = std::int64_t(1) << 30;  ///< limit for the masks of one image
};

/// Entries of a set that are skipped, or that are read in another way than written.
struct DatasetRemark {
  std::string kind;                   ///< "images skipped: there is no file"
  bool images = false;                ///< the entries are whole images
  std::int64_t count = 0;             ///< number of entries
  std::vector<std::string> examples;  ///< the first few entries, each with file and field
};

/// "kind (count): example; example; and 3 more".
std::string text_of(const DatasetRemark& remark);

struct DatasetImage {
  std::string name;               ///< path below the folder of the images, with "/"; unique
  std::filesystem::path file;     ///< path to open
  std::string target_class = {};  ///< empty if the set names none
  bool has_mask = false;          ///< Dataset::annotation() can read a mask
};

/// The visible pixels of a part of a thing; none if the part is hidden.
struct PartMask {
  std::string name;
  int label = 0;                     ///< value in the label image
  std::vector<std::uint8_t> inside;  ///< (height, width), row-major, 1 inside
};

/// The pixels of a thing, or of all things of a class if the format does not separate instances.
struct ThingMask {
  std::string name;                  ///< class name
  std::vector<std::uint8_t> inside;  ///< (height, width), row-major, 1 inside
  std::vector<PartMask> parts;       ///< their union is `inside`; empty if the format has no parts
};

/// The things of one upright image and their masks.
struct ImageAnnotation {
  int width = 0, height = 0;
  std::vector<ThingMask> things;  ///< each has pixels; masks may overlap
  /// (height, width), 1 at pixels without annotation (void) outside of all things; empty if there
  /// are none.
  std::vector<std::uint8_t> ignored;
};

/// Effects of an image's things and parts on the scores, measured by drawing the scene without
/// them. Every list has one value per class, in the order of Dataset::classes().
struct TrueEffects {
  std::vector<double> full;   ///< scores of the full drawing
  std::vector<double> empty;  ///< scores of the empty drawing
  std::vector<std::vector<double>>
      things;  ///< for each thing, in the order of ImageAnnotation::things
  std::vector<std::vector<double>> parts;  ///< for each part, by rising label
};

/// The model that the effects were measured with.
struct EffectsModel {
  std::string name;
  std::string weights_sha256;  ///< 64 hexadecimal digits, lower case
  std::string templates;
};

namespace detail {
struct DatasetContent;
}

/// A set of images, with or without masks. Masks are read on demand, one image at a time. All
/// functions are thread-safe.
class Dataset {
 public:
  explicit Dataset(std::shared_ptr<const detail::DatasetContent> content);

  const std::string& name() const;
  const std::string& description() const;  ///< the author's text; may be empty
  DatasetFormat format() const;
  const std::filesystem::path& folder() const;
  const std::vector<std::string>& classes() const;    ///< may be empty
  const std::vector<DatasetImage>& images() const;    ///< at least one
  bool has_masks() const;                             ///< at least one image has a mask
  const std::vector<DatasetRemark>& remarks() const;  ///< on entries that are skipped

  /// Reads the masks of an image of width × height pixels (upright). An image whose mask is empty
  /// has no things. Throws Error naming the image and its mask file if the image has no mask, if
  /// the mask has another size, if a label or class has no name, or if the file is damaged.
  ImageAnnotation annotation(int image, int width, int height) const;

  const std::optional<EffectsModel>& effects_model() const;  ///< nullopt: the set has no effects
  std::optional<TrueEffects> effects(int image) const;

 private:
  const DatasetImage& image_at(int image) const;

  std::shared_ptr<const detail::DatasetContent> content_;
};

/// Opens a folder, a dataset.json, a COCO file or a YOLO data.yaml. Opening reads no image and no
/// mask image. An image or annotation that cannot be used is skipped with a remark; in whyclip's
/// own format it is an error. Throws Error naming the file if the path is not a data set or the
/// set has no images.
Dataset open_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace whyclip
