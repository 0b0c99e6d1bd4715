#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// How a set of pictures says what is where (docs/datasets.md).
enum class DatasetFormat { kWhyclip, kLabelImages, kCoco, kYolo, kPictures };

/// "whyclip", "labels", "coco", "yolo", "pictures".
std::string_view dataset_format_name(DatasetFormat format);
/// Throws Error listing the names for any other.
DatasetFormat find_dataset_format(std::string_view name);

struct DatasetOptions {
  std::optional<DatasetFormat> format = std::nullopt;  ///< otherwise recognised
  std::filesystem::path pictures = {};                 ///< COCO: the folder that holds the pictures
  std::string split = {};         ///< only pictures of this key of data.yaml, or sub-folder
  bool ask_from_folders = false;  ///< a picture's sub-folder names the class that is asked about
  std::int64_t max_mask_bytes = std::int64_t(1) << 30;  ///< of one picture's masks
};

/// Entries of a set that cannot be used, or are used otherwise than the set writes them.
struct DatasetRemark {
  std::string what;                   ///< the kind: "pictures left out: there is no file"
  bool pictures = false;              ///< whole pictures are left out
  std::int64_t count = 0;             ///< of entries
  std::vector<std::string> examples;  ///< the first few of them, each with its place
};

/// "what (count): example; example; and 3 more".
std::string text_of(const DatasetRemark& remark);

struct DatasetPicture {
  std::string name;            ///< its path below the folder of the pictures, with "/"; unique
  std::filesystem::path file;  ///< to open it
  std::string ask = {};        ///< the class that is asked about; empty: the set does not say
  bool has_mask = false;       ///< truth() has something to read
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

/// What is where on one upright picture.
struct GroundTruth {
  int width = 0, height = 0;
  std::vector<ThingMask> things;  ///< none without pixels; they may overlap
  /// (height, width), 1 where the set does not say what is there, and no thing is; empty if
  /// nowhere.
  std::vector<std::uint8_t> ignored;
};

/// What a picture's things and parts do to the scores, measured by drawing the scene without them.
/// Every list is over the classes, in the order of Dataset::classes().
struct TrueEffects {
  std::vector<double> full;                 ///< scores of the whole picture
  std::vector<double> empty;                ///< scores with nothing drawn
  std::vector<std::vector<double>> things;  ///< for each thing, in the order of GroundTruth::things
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

/// A set of pictures, with masks or without. Masks are read when asked for, one picture at a time;
/// all functions may be called from several threads.
class Dataset {
 public:
  explicit Dataset(std::shared_ptr<const detail::DatasetContent> content);

  const std::string& name() const;
  const std::string& about() const;  ///< what its author says of it; may be empty
  DatasetFormat format() const;
  const std::filesystem::path& folder() const;
  const std::vector<std::string>& classes() const;      ///< may be empty
  const std::vector<DatasetPicture>& pictures() const;  ///< at least one
  bool has_masks() const;                               ///< of some picture at least
  const std::vector<DatasetRemark>& remarks() const;    ///< on what was left out on opening

  /// The masks of a picture that is width × height once upright. Throws Error naming the picture
  /// and its mask file: for a picture without mask, a mask of another size, a label or class that
  /// has no name, and for what is damaged. A picture on which nothing is marked has no things.
  GroundTruth truth(int picture, int width, int height) const;

  const std::optional<EffectsSource>& effects_source() const;  ///< without: no effects
  std::optional<TrueEffects> effects(int picture) const;

 private:
  const DatasetPicture& picture_at(int picture) const;

  std::shared_ptr<const detail::DatasetContent> content_;
};

/// Opens a folder, a dataset.json, a COCO file or a YOLO data.yaml. No picture and no mask image is
/// read. A picture or an annotation that cannot be used is left out with a remark; in whyclip's own
/// format it is an error. Throws Error naming the file for what is no set, and for a set without
/// pictures.
Dataset open_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

}  // namespace whyclip
