#include <fmt/format.h>

#include <tuple>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/config.h"
#include "whyclip/model/config_checks.h"

// Hugging Face's image processors: preprocessor_config.json and processor_config.json.

namespace whyclip {
namespace {

using ThreeNumbers = std::array<double, 3>;

constexpr ThreeNumbers kOpenAiMean{0.48145466, 0.4578275, 0.40821073};
constexpr ThreeNumbers kOpenAiDeviation{0.26862954, 0.26130258, 0.27577711};
constexpr ThreeNumbers kHalves{0.5, 0.5, 0.5};  // transformers' IMAGENET_STANDARD_MEAN and _STD

/// The values of an image processor's class for fields that a file leaves out (transformers
/// 4.57 and 5, models/*/image_processing_*.py).
struct ProcessorClass {
  std::string_view name;  ///< without "ImageProcessor" or "FeatureExtractor"
  int size;
  bool square;  ///< a single number, or no size at all, means both sides
  int resample;
  bool crop;
  ThreeNumbers mean, deviation;
};

constexpr ProcessorClass kClasses[] = {
    {"CLIP", 224, false, 3, true, kOpenAiMean, kOpenAiDeviation},
    {"ChineseCLIP", 224, false, 3, true, kOpenAiMean, kOpenAiDeviation},
    {"Bit", 224, false, 3, true, kOpenAiMean, kOpenAiDeviation},
    {"Siglip", 224, true, 3, false, kHalves, kHalves},
    {"ViT", 224, true, 2, false, kHalves, kHalves},
    {"DeiT", 256, true, 3, true, kHalves, kHalves},
};
constexpr int kCropSize = 224;

/// The class of a file's image processor and its implementation.
struct Processor {
  ProcessorClass defaults = kClasses[0];
  Resampler resampler = Resampler::kPillow;
};

bool remove_ending(std::string& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text.resize(text.size() - ending.size());
  return true;
}

/// `new_format`: written by transformers 5. There, the plain name is the implementation with
/// torchvision. In older files, names that end in "Fast" are, but not that of CLIP: CLIPProcessor
/// of transformers 4 makes its image processor with Pillow whatever the file says
/// (processing_utils.py, use_fast).
Processor processor_of(const JsonView& json, bool new_format) {
  Processor result;
  const char* key =
      json.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type";
  if (!json.has(key)) {
    if (new_format) result.resampler = Resampler::kTorchvision;
    return result;
  }
  std::string name = json.at(key).string();
  const bool fast = remove_ending(name, "Fast"), pillow = remove_ending(name, "Pil");
  if (remove_ending(name, "ImageProcessor") || remove_ending(name, "FeatureExtractor")) {
    for (const ProcessorClass& known : kClasses) {
      if (known.name != name) continue;
      result.defaults = known;
      if (new_format ? !pillow : fast && name != "CLIP") {
        result.resampler = Resampler::kTorchvision;
      }
      return result;
    }
  }
  throw Error(json.at(key).where(),
              fmt::format("the image processor {} is not supported; expected that of CLIP, "
                          "ChineseCLIP, Bit, Siglip, ViT or DeiT",
                          json.at(key).string()),
              ErrorCode::kUnsupported);
}

/// A file's fields; a field that is left out has the default of the class, which is added to a
/// list.
class ProcessorFields {
 public:
  ProcessorFields(JsonView json, const Processor& processor, std::vector<std::string>* filled)
      : json_(std::move(json)), processor_(processor), filled_(filled) {}

  const JsonView& json() const { return json_; }
  const ProcessorClass& defaults() const { return processor_.defaults; }
  bool has(const char* key) const { return json_.has(key); }

  bool flag(const char* key, bool otherwise) const {
    return json_.has(key) ? json_.at(key).boolean() : otherwise;
  }
  ThreeNumbers mean() {
    if (has("image_mean")) return config::three(json_.at("image_mean"));
    fill("image_mean", shown(defaults().mean));
    return defaults().mean;
  }
  ThreeNumbers deviation() {
    if (has("image_std")) return config::three_positive(json_.at("image_std"));
    fill("image_std", shown(defaults().deviation));
    return defaults().deviation;
  }
  void fill(const char* key, const std::string& value) {
    if (filled_ == nullptr) return;
    filled_->push_back(fmt::format("{}: {} (default of transformers' {}ImageProcessor)", key, value,
                                   defaults().name));
  }

 private:
  static std::string shown(const ThreeNumbers& values) {
    return fmt::format("[{}, {}, {}]", values[0], values[1], values[2]);
  }

  JsonView json_;
  Processor processor_;
  std::vector<std::string>* filled_;
};

int side(const JsonView& field) { return int(field.integer(1, config::kMostSize)); }

/// Throws Error for a size that is neither {"shortest_edge": n} nor {"height": h, "width": w}.
void check_size_keys(const JsonView& field) {
  for (const char* key : {"longest_edge", "max_height", "max_width"}) {
    if (field.has(key)) {
      throw Error(field.at(key).where(),
                  "is not supported yet; expected shortest_edge, or height and width",
                  ErrorCode::kUnsupported);
    }
  }
}

ResizeTo parse_resize(ProcessorFields& fields) {
  const ProcessorClass& defaults = fields.defaults();
  const auto square_or_edge = [&](int pixels) {
    return defaults.square ? ResizeTo{FixedSize{pixels, pixels}} : ResizeTo{ShortestEdge{pixels}};
  };
  if (!fields.has("size")) {
    fields.fill("size", std::to_string(defaults.size));
    return square_or_edge(defaults.size);
  }
  const JsonView field = fields.json().at("size");
  if (field.value().is_number()) return square_or_edge(side(field));
  check_size_keys(field);
  if (field.has("shortest_edge")) return ShortestEdge{side(field.at("shortest_edge"))};
  return FixedSize{side(field.at("width")), side(field.at("height"))};
}

Filter parse_filter(ProcessorFields& fields, Resampler resampler) {
  if (!fields.has("resample")) {
    fields.fill("resample", fields.defaults().resample == 2 ? "2 (bilinear)" : "3 (bicubic)");
    return fields.defaults().resample == 2 ? Filter::kBilinear : Filter::kBicubic;
  }
  const JsonView field = fields.json().at("resample");
  switch (field.integer(0, 5)) {  // Pillow's numbers
    case 1:
      if (resampler == Resampler::kTorchvision) break;
      return Filter::kLanczos;
    case 2:
      return Filter::kBilinear;
    case 3:
      return Filter::kBicubic;
    default:
      break;
  }
  throw Error(field.where(), resampler == Resampler::kTorchvision
                                 ? "expected 2 (bilinear) or 3 (bicubic)"
                                 : "expected 1 (Lanczos), 2 (bilinear) or 3 (bicubic)");
}

/// Width and height of the crop.
std::pair<int, int> parse_crop(ProcessorFields& fields) {
  if (!fields.has("crop_size")) {
    fields.fill("crop_size", std::to_string(kCropSize));
    return {kCropSize, kCropSize};
  }
  const JsonView field = fields.json().at("crop_size");
  if (field.value().is_number()) return {side(field), side(field)};
  check_size_keys(field);
  // transformers 4.20 and older wrote {"shortest_edge": n} here too.
  if (field.has("shortest_edge")) {
    const int edge = side(field.at("shortest_edge"));
    return {edge, edge};
  }
  return {side(field.at("width")), side(field.at("height"))};
}

}  // namespace

PreprocessConfig parse_hugging_face_preprocessor(std::string_view text, const std::string& file,
                                                 std::vector<std::string>* filled,
                                                 std::optional<int> transformers_major) {
  const JsonView whole = JsonView::parse(text, file);
  const bool new_format = whole.has("image_processor");
  const JsonView json = new_format ? whole.at("image_processor") : whole;
  json.keys();  // throws Error unless it is an object
  const Processor processor = processor_of(json, new_format || transformers_major.value_or(4) >= 5);
  ProcessorFields fields(json, processor, filled);
  PreprocessConfig result;
  result.resampler = processor.resampler;
  result.pad_rounding =
      processor.resampler == Resampler::kPillow ? PadRounding::kUp : PadRounding::kDown;
  result.do_resize = fields.flag("do_resize", true);
  result.do_center_crop = fields.flag("do_center_crop", processor.defaults.crop);
  if (fields.flag("do_pad", false)) {
    throw Error(json.at("do_pad").where(), "padding is not supported; expected false",
                ErrorCode::kUnsupported);
  }
  if (result.do_resize) {
    result.size = parse_resize(fields);
    result.filter = parse_filter(fields, processor.resampler);
  }
  if (result.do_center_crop) {
    std::tie(result.crop_width, result.crop_height) = parse_crop(fields);
  } else if (const auto* fixed = std::get_if<FixedSize>(&result.size)) {
    result.crop_width = fixed->width;
    result.crop_height = fixed->height;
  } else {
    result.crop_width = result.crop_height = std::get<ShortestEdge>(result.size).pixels;
  }
  if (!fields.flag("do_rescale", true)) {
    result.rescale_factor = 1.0;
  } else if (json.has("rescale_factor")) {
    result.rescale_factor = config::positive(json.at("rescale_factor"));
  }
  const bool normalise = fields.flag("do_normalize", true);
  result.mean = normalise ? fields.mean() : ThreeNumbers{0, 0, 0};
  result.standard_deviation = normalise ? fields.deviation() : ThreeNumbers{1, 1, 1};
  return result;
}

bool has_image_processor(std::string_view text, const std::string& file) {
  return JsonView::parse(text, file).has("image_processor");
}

PreprocessConfig default_hugging_face_preprocessor(const VisionConfig& vision) {
  PreprocessConfig result;
  result.size = ShortestEdge{vision.image_size};
  result.crop_width = result.crop_height = vision.image_size;
  return result;
}

void check_image_size(const PreprocessConfig& preprocess, const VisionConfig& vision,
                      const std::string& where) {
  const auto* fixed = std::get_if<FixedSize>(&preprocess.size);
  if (!preprocess.do_center_crop && !(preprocess.do_resize && fixed != nullptr)) {
    throw Error(where,
                "neither a crop nor a fixed size: images would not have the size that the "
                "image tower expects");
  }
  if (preprocess.crop_width != vision.image_size || preprocess.crop_height != vision.image_size) {
    throw Error(where,
                fmt::format("the preprocessor gives images of {} × {}, the config's "
                            "image_size is {}",
                            preprocess.crop_width, preprocess.crop_height, vision.image_size));
  }
}

}  // namespace whyclip
