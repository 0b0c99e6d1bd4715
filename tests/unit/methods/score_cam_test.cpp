// Score-CAM against images masked by plain float64 loops.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace score_cam_test {

using testing::error_of;
using testing::mentions;
using testing::real_parts;
using testing::replacing;
using testing::Tower;

constexpr int kWidth = 24, kColumns = 4, kPatch = 4;
constexpr std::size_t kPatches = 16;

/// The pixel mask of one channel on rows of 4 patches: bilinear between patch centres, min-max
/// normalised.
std::vector<double> mask_of(const std::vector<double>& patches) {
  std::vector<double> mask;
  const int rows = int(patches.size()) / kColumns;
  const auto position = [](int pixel, int count) {
    return std::min(std::max((pixel + 0.5) / kPatch - 0.5, 0.0), count - 1.0);
  };
  for (int y = 0; y < rows * kPatch; ++y) {
    for (int x = 0; x < kColumns * kPatch; ++x) {
      double sum = 0;  // a hat function at each patch centre
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < kColumns; ++c) {
          sum += std::max(0.0, 1 - std::abs(position(y, rows) - r)) *
                 std::max(0.0, 1 - std::abs(position(x, kColumns) - c)) *
                 patches[std::size_t(r * kColumns + c)];
        }
      }
      mask.push_back(sum);
    }
  }
  const auto [least, most] = std::ranges::minmax(mask);
  for (double& v : mask) v = (v - least) / (most - least);
  return mask;
}

class ScoreCam : public testing::MethodsOfTiny {
 protected:
  /// A channel's values on the patches at a trace point.
  std::vector<double> channel(const std::string& point, int k) const {
    const std::vector<double> tokens = real_parts(tower.value(point));
    std::vector<double> result;
    for (std::size_t t = 1; t <= kPatches; ++t) {
      result.push_back(tokens[t * std::size_t(kWidth) + std::size_t(k)]);
    }
    return result;
  }
  double masked_value(const std::vector<double>& mask) const {
    std::vector<double> pixels = real_parts(tower.value("pixels"));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] *= mask[i % mask.size()];
    return tower.score(replacing("pixels", pixels)).real();
  }
  /// Σ_k weight(value of the masked image) · channel, ⁺, over these channels.
  template <class Weight>
  std::vector<float> map_of(const std::string& point, const std::vector<int>& channels,
                            Weight weight) const {
    std::vector<double> sums(kPatches, 0.0);
    for (const int k : channels) {
      const std::vector<double> values = channel(point, k);
      const double w = weight(masked_value(mask_of(values)));
      for (std::size_t p = 0; p < kPatches; ++p) sums[p] += w * values[p];
    }
    std::vector<float> map;
    for (const double sum : sums) map.push_back(float(std::max(0.0, sum)));
    return map;
  }
  /// The channels in descending order of variance over the patches.
  std::vector<int> by_variance(const std::string& point) const {
    std::vector<std::pair<double, int>> order;
    for (int k = 0; k < kWidth; ++k) {
      double sum = 0, squares = 0;
      for (const double v : channel(point, k)) {
        sum += v;
        squares += v * v;
      }
      order.push_back({sum * sum / kPatches - squares, k});
    }
    std::ranges::sort(order);
    std::vector<int> result;
    for (const auto& entry : order) result.push_back(entry.second);
    return result;
  }
  double empty_value() const { return masked_value(std::vector<double>(256, 0.0)); }

  std::vector<int> all = [] {
    std::vector<int> result(std::size_t(kWidth), 0);
    std::iota(result.begin(), result.end(), 0);
    return result;
  }();
};

TEST_F(ScoreCam, WeightsChannelsByTheSoftmaxOfTheirMaskedImagesValues) {
  for (const auto& [layer, at, point] :
       {std::tuple{"-1", "ln1", "blocks.1.ln1"}, {"0", "input", "ln_pre"}}) {
    double sum = 0;
    for (const int k : all) sum += std::exp(masked_value(mask_of(channel(point, k))));
    EXPECT_TRUE(same_map(patches("score-cam", {{"layer", layer}, {"at", at}}),
                         map_of(point, all, [&](double value) { return std::exp(value) / sum; })));
  }
}

TEST_F(ScoreCam, UsesTheIncreaseOrTheValueByOption) {
  const std::string point = "blocks.1.ln1";
  EXPECT_TRUE(same_map(patches("score-cam", {{"weights", "increase"}}),
                       map_of(point, all, [&](double value) { return value - empty_value(); })));
  EXPECT_TRUE(same_map(patches("score-cam", {{"weights", "value"}}),
                       map_of(point, all, [](double value) { return value; })));
}

TEST_F(ScoreCam, UsesTheChannelsWithTheLargestVariance) {
  const std::string point = "blocks.1.ln1";
  std::vector<int> some = by_variance(point);
  some.resize(5);
  EXPECT_TRUE(same_map(patches("score-cam", {{"weights", "increase"}, {"channels", "5"}}),
                       map_of(point, some, [&](double value) { return value - empty_value(); })));
}

TEST_F(ScoreCam, MasksANonSquareImageWithTheRightOrientation) {
  const Preprocessed image = testing::tiny_image(16, 20);
  const Target target = testing::tiny_targets()[0];
  ExplanationContext tall(clip, image, target);
  const Tensor& tokens = tall.recorded().record().at("vision.blocks.1.ln1");
  std::vector<double> sums(20, 0.0);
  for (std::size_t k = 0; k < std::size_t(kWidth); ++k) {
    std::vector<double> channel;
    for (std::int64_t t = 1; t < tokens.rows(); ++t) channel.push_back(double(tokens.row(t)[k]));
    const std::vector<double> mask = mask_of(channel);
    Preprocessed masked = image;
    for (std::size_t i = 0; i < masked.pixels.size(); ++i) {
      masked.pixels[i] = float(double(masked.pixels[i]) * mask[i % mask.size()]);
    }
    const double value = target_value(target, clip.encode_images({&masked, 1}).row(0));
    for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += value * channel[p];
  }
  std::vector<float> expected;
  for (const double sum : sums) expected.push_back(float(std::max(0.0, sum)));
  const Method& method = find_method("score-cam");
  EXPECT_TRUE(same_map(
      method.run(tall, MethodSettings(method.info, {{"weights", "value"}}), {}).patches, expected));
}

TEST_F(ScoreCam, RejectsALayerThatDoesNotExist) {
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("score-cam", {{"layer", "2"}});
                       }),
                       {"layer", "0 to 1", "got 2"}));
}

}  // namespace score_cam_test
}  // namespace whyclip
