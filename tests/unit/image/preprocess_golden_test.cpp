// Compares photographs and unusual images with the results of Pillow. The images may not be part of
// the repository.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/data.h"
#include "tests/unit/image/image_files.h"
#include "whyclip/image/decode.h"
#include "whyclip/image/preprocess.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace preprocess_golden_test {

using testing::outside_file;
using testing::same_image;

constexpr const char* kGoldenFile = "golden/preprocess.safetensors";

/// Minimal reader of a safetensors file: length of the header, header, bytes.
class GoldenFile {
 public:
  explicit GoldenFile(const std::filesystem::path& path) : bytes_(read_text(path)) {
    std::uint64_t header = 0;
    std::memcpy(&header, bytes_.data(), sizeof header);
    start_ = sizeof header + header;
    json_ = nlohmann::json::parse(bytes_.substr(sizeof header, header));
  }

  /// Names of the images in the file.
  std::vector<std::string> images() const {
    const std::string ending = ".size";
    std::vector<std::string> names;
    for (const auto& [key, value] : json_.items()) {
      if (key.ends_with(ending)) names.push_back(key.substr(0, key.size() - ending.size()));
    }
    return names;
  }

  /// The pixels of `name` at `size` × `size`.
  Image image(const std::string& name, int size) const {
    const std::string key = name + "." + std::to_string(size);
    const std::string bytes = data(key);
    return {size, size, {bytes.begin(), bytes.end()}};
  }

  /// Width and height of the upright image.
  std::pair<int, int> source_size(const std::string& name) const {
    std::int32_t values[2];
    std::memcpy(values, data(name + ".size").data(), sizeof values);
    return {values[0], values[1]};
  }

 private:
  std::string data(const std::string& key) const {
    const std::size_t begin = json_.at(key).at("data_offsets").at(0);
    const std::size_t end = json_.at(key).at("data_offsets").at(1);
    return bytes_.substr(start_ + begin, end - begin);
  }

  std::string bytes_;
  std::size_t start_ = 0;
  nlohmann::json json_;
};

class PreprocessGolden : public ::testing::TestWithParam<int> {};

TEST_P(PreprocessGolden, EveryImageEqualsPillow) {
  const auto path = outside_file(kGoldenFile);
  if (!path) GTEST_SKIP() << "needs " << kGoldenFile << " in the folder WHYCLIP_TEST_DATA";
  const GoldenFile golden(*path);
  const int size = GetParam();
  PreprocessConfig config;
  config.size = ShortestEdge{size};
  config.crop_width = config.crop_height = size;
  ASSERT_FALSE(golden.images().empty());
  for (const std::string& name : golden.images()) {
    SCOPED_TRACE(name);
    const auto file = outside_file("images/" + name);
    ASSERT_TRUE(file.has_value());

    const Image source = read_image(*file);
    const Preprocessed result = preprocess(source, config);

    EXPECT_EQ(std::pair(source.width, source.height), golden.source_size(name));
    EXPECT_TRUE(same_image(result.cropped, golden.image(name, size)));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, PreprocessGolden, ::testing::Values(96, 224));

}  // namespace preprocess_golden_test
}  // namespace whyclip
