// Score-CAM: token channels of a block, weighted by the target's value of the image masked by the
// channel.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/linear_weight.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/input_gradients.h"

namespace whyclip {
namespace {

/// A channel's values on the patches.
struct Channel {
  std::vector<double> patches;  ///< (grid.rows · grid.columns)
  double variance = 0;
  double least = 0, most = 0;
};

Channel channel_of(const Tensor& tokens, std::int64_t k) {
  Channel result;
  for (std::int64_t t = 1; t < tokens.rows(); ++t) {
    result.patches.push_back(double(tokens.row(t)[std::size_t(k)]));
  }
  const auto [least, most] = std::ranges::minmax(result.patches);
  const double count = double(result.patches.size()),
               mean = std::accumulate(result.patches.begin(), result.patches.end(), 0.0) / count;
  for (const double v : result.patches) result.variance += (v - mean) * (v - mean) / count;
  result.least = least;
  result.most = most;
  return result;
}

/// At most `count` channels, those with the largest variance over the patches; constant channels
/// are excluded.
std::vector<Channel> varied_channels(const Tensor& tokens, int count) {
  std::vector<Channel> channels;
  for (std::int64_t k = 0; k < tokens.width(); ++k) {
    Channel channel = channel_of(tokens, k);
    if (channel.most > channel.least) channels.push_back(std::move(channel));
  }
  std::ranges::stable_sort(channels, std::greater<>(), &Channel::variance);
  channels.resize(std::min(channels.size(), std::size_t(count)));
  return channels;
}

/// The patches beside a pixel's centre. `side` is the side of a patch in pixels.
LinearWeight patch_weight(int pixel, int side, int patches) {
  return linear_weight((pixel + 0.5) / side - 0.5, patches);
}

/// The image × the channel, upsampled bilinearly (borders repeated) and min-max normalised.
void apply_channel_mask(const Channel& channel, const PatchGrid& grid, int side,
                        std::span<const float> image, std::span<float> out) {
  const int height = grid.rows * side, width = grid.columns * side;
  std::vector<double> mask;
  for (int y = 0; y < height; ++y) {
    const LinearWeight rows = patch_weight(y, side, grid.rows);
    for (int x = 0; x < width; ++x) {
      const LinearWeight columns = patch_weight(x, side, grid.columns);
      const auto at = [&](int row, int column) {
        return channel.patches[std::size_t(row) * std::size_t(grid.columns) + std::size_t(column)];
      };
      const auto across = [&](int row) {
        return (1 - columns.weight_after) * at(row, columns.before) +
               columns.weight_after * at(row, columns.after);
      };
      mask.push_back((1 - rows.weight_after) * across(rows.before) +
                     rows.weight_after * across(rows.after));
    }
  }
  const auto [least, most] = std::ranges::minmax(mask);
  for (double& v : mask) v = most > least ? (v - least) / (most - least) : 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = float(mask[i % mask.size()] * double(image[i]));
  }
}

/// α of each channel, by the option "weights".
std::vector<double> channel_weights(std::vector<double> values, double empty_value,
                                    const std::string& weights) {
  if (weights == "value") return values;
  for (double& v : values) v -= empty_value;
  if (weights == "increase" || values.empty()) return values;
  const double most = std::ranges::max(values);
  double sum = 0;
  for (double& v : values) sum += v = std::exp(v - most);
  for (double& v : values) v /= sum;
  return values;
}

/// (Σ_k α_k a_pk)⁺
Attribution score_cam(ExplanationContext& context, const MethodSettings& settings,
                      const Progress& progress) {
  const std::vector<Channel> channels = varied_channels(
      context.recorded().record().at(tokens_of(context, settings)), settings.count("channels"));
  const InputSpace space(context, "pixels");
  const int side = context.clip().config().vision.patch_size, count = int(channels.size());
  // The last copy is the empty image: zeros, the mean colour of the training images.
  std::vector<double> values = space.values(
      count + 1,
      [&](int copy, std::span<float> input) {
        if (copy == count) {
          std::ranges::fill(input, 0.0f);
        } else {
          apply_channel_mask(channels[std::size_t(copy)], context.grid(), side, space.image(),
                             input);
        }
      },
      "images masked by channels", progress);
  const double empty_value = values.back();
  values.pop_back();
  const std::vector<double> weights =
      channel_weights(std::move(values), empty_value, settings.word("weights"));
  std::vector<double> sums(std::size_t(context.patches()), 0.0);
  for (std::size_t k = 0; k < channels.size(); ++k) {
    for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += weights[k] * channels[k].patches[p];
  }
  Attribution result;
  for (const double sum : sums) result.patches.push_back(float(std::max(0.0, sum)));
  return result;
}

}  // namespace

std::vector<Method> score_cam_methods() {
  return {
      {{.name = "score-cam",
        .family = MethodFamily::kCam,
        .summary = "token channels of a block weighted by the target's increase when the channel "
                   "masks the image, positive part",
        .reference =
            "Wang et al., Score-CAM, 2020, algorithm 1, with the target's value instead of "
            "the class probability; increase: without the softmax over channels; value: as "
            "in the authors' code, without subtraction of the baseline",
        .cost = "channels · F",
        .is_signed = false,
        .options = {block_option("layer", "block", -1), at_option(),
                    MethodOption::count(
                        "channels",
                        "number of channels, those with the largest variance over the patches", 128,
                        1, 99999)
                        .with_quick("16"),
                    MethodOption::choice("weights", "weights of the channels",
                                         {"softmax", "increase", "value"})}},
       score_cam}};
}

}  // namespace whyclip
