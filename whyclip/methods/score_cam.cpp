// Score-CAM: the channels of a block's tokens, each by what the image is worth with only what the
// channel shows.

#include <algorithm>
#include <cmath>
#include <numeric>

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

/// The channels that differ most over the patches, at most `count`; those that are the same
/// everywhere show nothing and are left out.
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

/// Where a pixel's centre lies between the centres of patches: what weight of which of them.
struct Between {
  int first, second;
  double weight;  ///< of the second
};

Between between(int pixel, int side, int patches) {
  const double position = std::clamp((pixel + 0.5) / side - 0.5, 0.0, double(patches - 1));
  const int first = std::min(int(position), std::max(0, patches - 2));
  return {first, std::min(first + 1, patches - 1), position - first};
}

/// The channel brought to pixels bilinearly, borders held, stretched to [0, 1], times the image.
void show_channel(const Channel& channel, const PatchGrid& grid, int side,
                  std::span<const float> image, std::span<float> out) {
  const int height = grid.rows * side, width = grid.columns * side;
  std::vector<double> mask;
  for (int y = 0; y < height; ++y) {
    const Between rows = between(y, side, grid.rows);
    for (int x = 0; x < width; ++x) {
      const Between columns = between(x, side, grid.columns);
      const auto at = [&](int row, int column) {
        return channel.patches[std::size_t(row) * std::size_t(grid.columns) + std::size_t(column)];
      };
      const auto across = [&](int row) {
        return (1 - columns.weight) * at(row, columns.first) +
               columns.weight * at(row, columns.second);
      };
      mask.push_back((1 - rows.weight) * across(rows.first) + rows.weight * across(rows.second));
    }
  }
  const auto [least, most] = std::ranges::minmax(mask);
  for (double& v : mask) v = most > least ? (v - least) / (most - least) : 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = float(mask[i % mask.size()] * double(image[i]));
  }
}

/// α of each channel, by the option "weights".
std::vector<double> channel_weights(std::vector<double> values, double nothing,
                                    const std::string& weights) {
  if (weights == "value") return values;
  for (double& v : values) v -= nothing;
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
  // The last copy has no image: zeros, the mean colour of the training images.
  std::vector<double> values = space.values(
      count + 1,
      [&](int copy, std::span<float> input) {
        if (copy == count) {
          std::ranges::fill(input, 0.0f);
        } else {
          show_channel(channels[std::size_t(copy)], context.grid(), side, space.image(), input);
        }
      },
      "images as channels show them", progress);
  const double nothing = values.back();
  values.pop_back();
  const std::vector<double> weights =
      channel_weights(std::move(values), nothing, settings.word("weights"));
  std::vector<double> sums(std::size_t(context.patches()), 0.0);
  for (std::size_t k = 0; k < channels.size(); ++k) {
    for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += weights[k] * channels[k].patches[p];
  }
  Attribution result;
  for (const double sum : sums) result.patches.push_back(float(std::max(0.0, sum)));
  return result;
}

}  // namespace

Method score_cam_method() {
  return {
      {.name = "score-cam",
       .family = MethodFamily::kCam,
       .summary = "tokens of a block, each channel by how much more the image is worth than "
                  "none when the channel masks it",
       .reference = "Wang et al., Score-CAM, 2020, algorithm 1, with the target's value for the "
                    "class's probability; increase: without the softmax over channels; value: as "
                    "the authors' program, whose weights are the values as they are",
       .cost = "channels · F",
       .is_signed = false,
       .options = {block_option("layer", "whose tokens", -1), at_option(),
                   MethodOption::count("channels",
                                       "how many, those that vary most over the patches; at "
                                       "most all",
                                       128, 1, 99999),
                   MethodOption::choice("weights", "of the channels",
                                        {"softmax", "increase", "value"})}},
      score_cam};
}

}  // namespace whyclip
