#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/model/config.h"

namespace whyclip {
namespace config_preprocessor_test {

using nlohmann::json;
using testing::error_of;
using testing::mentions;

constexpr std::array<double, 3> kHalves{0.5, 0.5, 0.5};

PreprocessConfig preprocessor(const json& value) {
  return parse_hugging_face_preprocessor(value.dump(), "c/preprocessor_config.json");
}

json preprocessor_json() { return json::parse(testing::kTinyPreprocessor); }

TEST(HuggingFacePreprocessor, IsReadInTheCurrentForm) {
  const PreprocessConfig result = preprocessor(preprocessor_json());

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 16);
  EXPECT_EQ(result.crop_width, 16);
  EXPECT_EQ(result.crop_height, 16);
  EXPECT_EQ(result.filter, Filter::kBicubic);
  EXPECT_DOUBLE_EQ(result.rescale_factor, 1 / 255.0);
  EXPECT_EQ(result.mean[0], 0.48145466);
  EXPECT_EQ(result.standard_deviation[2], 0.27577711);
  EXPECT_TRUE(result.do_resize);
  EXPECT_TRUE(result.do_center_crop);
}

TEST(HuggingFacePreprocessor, IsReadInTheOldForm) {
  const PreprocessConfig result = preprocessor({{"size", 224},
                                                {"crop_size", 224},
                                                {"resample", 3},
                                                {"image_mean", {0.5, 0.5, 0.5}},
                                                {"image_std", {0.5, 0.5, 0.5}}});

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 224);
  EXPECT_EQ(result.crop_width, 224);
  EXPECT_DOUBLE_EQ(result.rescale_factor, 1 / 255.0);
}

TEST(HuggingFacePreprocessor, AcceptsAFixedSize) {
  json value = preprocessor_json();
  value["size"] = {{"height", 20}, {"width", 30}};

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(std::get<FixedSize>(result.size).width, 30);
  EXPECT_EQ(std::get<FixedSize>(result.size).height, 20);
}

TEST(HuggingFacePreprocessor, OmitsDisabledSteps) {
  json value = preprocessor_json();
  value.update({{"do_rescale", false}, {"do_normalize", false}, {"do_resize", false}});

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(result.rescale_factor, 1.0);
  EXPECT_EQ(result.mean, (std::array<double, 3>{0, 0, 0}));
  EXPECT_EQ(result.standard_deviation, (std::array<double, 3>{1, 1, 1}));
  EXPECT_FALSE(result.do_resize);
}

// transformers' CLIPImageProcessor: (size - crop) // 2.
TEST(HuggingFacePreprocessor, RoundsHalfAMarginOfTheCropDown) {
  EXPECT_EQ(preprocessor(preprocessor_json()).crop_rounding, CropRounding::kDown);
}

TEST(HuggingFacePreprocessor, AcceptsOneNumberForAllChannels) {
  json value = preprocessor_json();
  value.update({{"image_mean", 0.5}, {"image_std", 0.25}});

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(result.mean, (std::array<double, 3>{0.5, 0.5, 0.5}));
  EXPECT_EQ(result.standard_deviation, (std::array<double, 3>{0.25, 0.25, 0.25}));
}

/// The error message for a preprocessor with one field changed.
std::string preprocessor_with(const char* key, const json& value) {
  json changed = preprocessor_json();
  changed[key] = value;
  return error_of([&] { preprocessor(changed); });
}

TEST(HuggingFacePreprocessor, NamesInvalidFields) {
  EXPECT_TRUE(mentions(preprocessor_with("resample", 0), {"resample", "3 (bicubic)"}));
  EXPECT_TRUE(mentions(preprocessor_with("image_mean", {1, 2}), {"image_mean", "3 numbers", "2"}));
  EXPECT_TRUE(mentions(preprocessor_with("image_std", {1, 0, 1}), {"image_std", "above 0"}));
  EXPECT_TRUE(mentions(preprocessor_with("size", "big"), {"size", "big"}));
  EXPECT_TRUE(mentions(preprocessor_with("do_resize", 1), {"do_resize", "true or false"}));
  EXPECT_TRUE(mentions(preprocessor_with("crop_size", {{"height", 16}}), {"crop_size.width"}));
}

/// The preprocessor of a file that names only its class.
PreprocessConfig of_class(const char* name) {
  return preprocessor({{"image_processor_type", name}});
}

TEST(HuggingFacePreprocessor, HasTheDefaultsOfClip) {
  for (const json& value : {json::object(), json{{"image_processor_type", "CLIPImageProcessor"}},
                            json{{"feature_extractor_type", "CLIPFeatureExtractor"}},
                            json{{"image_processor_type", "BitImageProcessor"}}}) {
    const PreprocessConfig result = preprocessor(value);
    EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 224);
    EXPECT_EQ(result.filter, Filter::kBicubic);
    EXPECT_TRUE(result.do_center_crop);
    EXPECT_EQ(result.crop_width, 224);
    EXPECT_EQ(result.mean[1], 0.4578275);
    EXPECT_EQ(result.standard_deviation[0], 0.26862954);
    EXPECT_EQ(result.resampler, Resampler::kPillow);
    EXPECT_EQ(result.pad_rounding, PadRounding::kUp);
  }
}

TEST(HuggingFacePreprocessor, HasTheDefaultsOfSiglip) {
  const PreprocessConfig result = of_class("SiglipImageProcessor");

  EXPECT_EQ(std::get<FixedSize>(result.size).width, 224);
  EXPECT_EQ(result.filter, Filter::kBicubic);
  EXPECT_FALSE(result.do_center_crop);
  EXPECT_EQ(result.crop_width, 224);
  EXPECT_EQ(result.mean, kHalves);
  EXPECT_EQ(result.standard_deviation, kHalves);
}

TEST(HuggingFacePreprocessor, HasTheDefaultsOfVit) {
  const PreprocessConfig result = of_class("ViTImageProcessor");

  EXPECT_EQ(result.filter, Filter::kBilinear);
  EXPECT_FALSE(result.do_center_crop);
  EXPECT_EQ(result.mean, kHalves);
  // A single number means both sides.
  const PreprocessConfig small =
      preprocessor({{"image_processor_type", "ViTImageProcessor"}, {"size", 96}});
  EXPECT_EQ(std::get<FixedSize>(small.size).height, 96);
  EXPECT_EQ(small.crop_height, 96);
}

TEST(HuggingFacePreprocessor, HasTheDefaultsOfDeit) {
  const PreprocessConfig result = of_class("DeiTImageProcessor");

  EXPECT_EQ(std::get<FixedSize>(result.size).width, 256);
  EXPECT_TRUE(result.do_center_crop);
  EXPECT_EQ(result.crop_width, 224);
}

TEST(HuggingFacePreprocessor, OfAClipResizesAsTheVersionOfTransformersDoes) {
  const auto resampler = [](const char* name, std::optional<int> major) {
    json value = preprocessor_json();
    value["image_processor_type"] = name;
    return parse_hugging_face_preprocessor(value.dump(), "p.json", nullptr, major).resampler;
  };
  EXPECT_EQ(resampler("CLIPImageProcessorFast", 4), Resampler::kPillow);
  EXPECT_EQ(resampler("SiglipImageProcessorFast", 4), Resampler::kTorchvision);
  EXPECT_EQ(resampler("CLIPImageProcessor", 4), Resampler::kPillow);
  EXPECT_EQ(resampler("CLIPImageProcessor", 5), Resampler::kTorchvision);
  EXPECT_EQ(resampler("CLIPImageProcessorPil", 5), Resampler::kPillow);
}

TEST(HuggingFacePreprocessor, OfAFastProcessorResizesAsTorchvision) {
  for (const char* name :
       {"SiglipImageProcessorFast", "ViTImageProcessorFast", "BitImageProcessorFast"}) {
    const PreprocessConfig result = of_class(name);
    EXPECT_EQ(result.resampler, Resampler::kTorchvision) << name;
    EXPECT_EQ(result.pad_rounding, PadRounding::kDown) << name;
    EXPECT_EQ(result.crop_rounding, CropRounding::kDown) << name;
  }
}

// CLIPProcessor of transformers 4 makes its image processor with Pillow.
TEST(HuggingFacePreprocessor, OfAFastClipProcessorResizesAsPillow) {
  EXPECT_EQ(of_class("CLIPImageProcessorFast").resampler, Resampler::kPillow);
  EXPECT_EQ(of_class("CLIPImageProcessorFast").pad_rounding, PadRounding::kUp);
}

// transformers 5: the plain name is the implementation with torchvision.
TEST(HuggingFacePreprocessor, IsReadFromAProcessorConfig) {
  json inner = preprocessor_json();
  inner["image_processor_type"] = "CLIPImageProcessor";
  const json value{{"processor_class", "CLIPProcessor"}, {"image_processor", inner}};

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 16);
  EXPECT_EQ(result.resampler, Resampler::kTorchvision);
  json pillow = value;
  pillow["image_processor"]["image_processor_type"] = "CLIPImageProcessorPil";
  EXPECT_EQ(preprocessor(pillow).resampler, Resampler::kPillow);
  EXPECT_TRUE(has_image_processor(value.dump(), "processor_config.json"));
  EXPECT_FALSE(has_image_processor(R"({"processor_class": "CLIPProcessor"})", "p.json"));
}

TEST(HuggingFacePreprocessor, ListsTheFieldsThatItFilled) {
  std::vector<std::string> filled;
  parse_hugging_face_preprocessor(R"({"size": 224, "crop_size": 224})", "p.json", &filled);

  EXPECT_EQ(filled, (std::vector<std::string>{
                        "resample: 3 (bicubic) (default of transformers' CLIPImageProcessor)",
                        "image_mean: [0.48145466, 0.4578275, 0.40821073] (default of "
                        "transformers' CLIPImageProcessor)",
                        "image_std: [0.26862954, 0.26130258, 0.27577711] (default of "
                        "transformers' CLIPImageProcessor)"}));
}

TEST(HuggingFacePreprocessor, ReadsNullAsLeftOut) {
  json value = preprocessor_json();
  value.update({{"do_pad", nullptr},
                {"pad_size", nullptr},
                {"crop_size", nullptr},
                {"resample", nullptr},
                {"device", nullptr}});

  const PreprocessConfig result = preprocessor(value);

  EXPECT_EQ(result.crop_width, 224);
  EXPECT_EQ(result.filter, Filter::kBicubic);
}

TEST(HuggingFacePreprocessor, RefusesWhatItDoesNotKnowByName) {
  EXPECT_TRUE(mentions(error_of([] { of_class("ConvNextImageProcessor"); }),
                       {"image_processor_type", "ConvNextImageProcessor", "not supported"}));
  EXPECT_TRUE(mentions(preprocessor_with("size", {{"longest_edge", 224}}),
                       {"size.longest_edge", "not supported"}));
  EXPECT_TRUE(mentions(preprocessor_with("size", {{"max_height", 224}, {"max_width", 224}}),
                       {"size.max_height", "not supported"}));
  EXPECT_TRUE(mentions(preprocessor_with("do_pad", true), {"do_pad", "not supported"}));
  EXPECT_TRUE(mentions(preprocessor_with("rescale_factor", 0), {"rescale_factor", "above 0"}));
  EXPECT_TRUE(
      mentions(error_of([] {
                 preprocessor({{"image_processor_type", "ViTImageProcessorFast"}, {"resample", 1}});
               }),
               {"resample", "2 (bilinear) or 3 (bicubic)"}));
}

TEST(HuggingFacePreprocessor, ThatIsMissingIsOpenAIsAtTheTowersSize) {
  VisionConfig vision;
  vision.image_size = 336;

  const PreprocessConfig result = default_hugging_face_preprocessor(vision);

  EXPECT_EQ(std::get<ShortestEdge>(result.size).pixels, 336);
  EXPECT_EQ(result.crop_height, 336);
  EXPECT_EQ(result.mean[0], 0.48145466);
}

TEST(CheckImageSize, RefusesImagesOfAnotherSize) {
  VisionConfig vision;
  vision.image_size = 24;
  PreprocessConfig config;
  config.crop_width = config.crop_height = 24;
  EXPECT_NO_THROW(check_image_size(config, vision, "p.json"));

  config.crop_width = 16;
  EXPECT_TRUE(mentions(error_of([&] { check_image_size(config, vision, "p.json"); }),
                       {"p.json", "16 × 24", "24"}));
}

TEST(CheckImageSize, RefusesImagesOfAnyAspectRatio) {
  VisionConfig vision;
  vision.image_size = 24;
  PreprocessConfig config;
  config.size = ShortestEdge{24};
  config.crop_width = config.crop_height = 24;
  config.do_center_crop = false;

  EXPECT_TRUE(mentions(error_of([&] { check_image_size(config, vision, "p.json"); }),
                       {"p.json", "neither a crop nor a fixed size"}));
  config.size = FixedSize{24, 24};
  EXPECT_NO_THROW(check_image_size(config, vision, "p.json"));
  config.do_resize = false;
  EXPECT_TRUE(mentions(error_of([&] { check_image_size(config, vision, "p.json"); }), {"neither"}));
}

}  // namespace config_preprocessor_test
}  // namespace whyclip
