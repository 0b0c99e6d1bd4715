#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/image/resize.h"

namespace whyclip {

/// Resizes the shorter side to this many pixels and keeps the aspect ratio; the longer side is
/// rounded down.
struct ShortestEdge {
  int pixels = 0;
};
/// Resizes both sides; the aspect ratio may change.
struct FixedSize {
  int width = 0;
  int height = 0;
};
/// Resizes the longer side to this many pixels and keeps the aspect ratio; the shorter side is
/// rounded to the nearest, a half to even (open_clip's resize_mode "longest").
struct LongestEdge {
  int pixels = 0;
};
using ResizeTo = std::variant<ShortestEdge, FixedSize, LongestEdge>;

/// Rounding of the crop position if the margin is odd.
enum class CropRounding {
  kDown,    ///< first = ⌊(size - crop) / 2⌋: Hugging Face's image processors
  kToEven,  ///< first = (size - crop) / 2, a half rounded to even: torchvision's CenterCrop, which
            ///< OpenAI's and open_clip's code use
};

/// Where a smaller image lies in a larger crop if the difference is odd.
enum class PadRounding {
  kUp,    ///< ⌈(crop - size) / 2⌉ pixels before it: Hugging Face's image processors with Pillow
  kDown,  ///< ⌊(crop - size) / 2⌋ pixels before it: torchvision's CenterCrop, Hugging Face's fast
          ///< image processors and open_clip
};

/// Steps of a checkpoint's image preprocessor, in this order. The defaults are those of OpenAI's
/// CLIP at 224 pixels.
struct PreprocessConfig {
  bool do_resize = true;
  ResizeTo size = ShortestEdge{224};
  Filter filter = Filter::kBicubic;
  Resampler resampler = Resampler::kPillow;
  bool do_center_crop = true;
  int crop_width = 224;
  int crop_height = 224;
  CropRounding crop_rounding = CropRounding::kDown;
  PadRounding pad_rounding = PadRounding::kUp;
  std::uint8_t pad_value = 0;  ///< of all channels, before normalisation
  double rescale_factor = 1.0 / 255.0;
  std::array<double, 3> mean = {0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> standard_deviation = {0.26862954, 0.26130258, 0.27577711};
};

/// Input of the image tower.
struct Preprocessed {
  std::vector<float> pixels;  ///< 3 × height × width, planar, normalised
  int width = 0;
  int height = 0;
  Image cropped;   ///< the input before normalisation
  Rectangle area;  ///< covered part of the source image, in source pixels; a crop that is larger
                   ///< than the resized image begins before the image and ends after it
};

/// Resizes, crops the centre (config.crop_rounding handles odd margins; a crop larger than the
/// resized image is padded), then computes (value × rescale_factor - mean) / standard_deviation in
/// double, rounded to float. Computes only the pixels of the crop. Throws Error if the resized
/// image has no pixels.
Preprocessed preprocess(const Image& image, const PreprocessConfig& config);

/// The steps in words: "shorter side to 224 by bicubic as Pillow, centre crop 224 × 224 (half a
/// margin rounded down), × 1/255, mean …, standard deviation …".
std::string describe_preprocessing(const PreprocessConfig& config);

/// Uses the whole image instead of a crop: the shorter side gets the crop's size, the longer side
/// the multiple of patch_size that is nearest to the image's aspect ratio. Throws Error naming the
/// sizes if this needs more than max_patches patches.
Preprocessed preprocess_whole(const Image& image, const PreprocessConfig& config, int patch_size,
                              int max_patches);

/// Position of the patches on the source image. Throws Error if patch_size does not divide the
/// sides.
PatchGrid patch_grid(const Preprocessed& image, int patch_size);

/// The inverse of the normalisation, rounded and clamped to 8 bits. `pixels` is 3 × height × width,
/// planar. Throws Error if their number differs.
Image undo_normalisation(std::span<const float> pixels, int width, int height,
                         const PreprocessConfig& config);

}  // namespace whyclip
