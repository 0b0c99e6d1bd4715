#include "whyclip/attribution/head_words.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"

namespace whyclip {
namespace {

std::string point(int block, std::string_view name) {
  return fmt::format("vision.blocks.{}.{}", block, name);
}

int block_count(const Record& record) {
  int blocks = 0;
  while (record.has(point(blocks, "resid_post"))) ++blocks;
  return blocks;
}

template <class T>
const T& op(const Record& record, std::string_view trace_point) {
  return static_cast<const T&>(*record.step(trace_point).op);
}

int head_count(const Record& record) {
  return int(op<AttentionMix>(record, point(0, "z")).heads());
}

void check(const Record& record, HeadPosition position) {
  const int blocks = block_count(record), heads = head_count(record);
  if (position.block >= 0 && position.block < blocks && position.head >= 0 && position.head < heads)
    return;
  throw Error("head", fmt::format("the image tower has the blocks 0 to {} with heads 0 to {} each, "
                                  "got {}.{}",
                                  blocks - 1, heads - 1, position.block, position.head));
}

/// γ Pᵀ of the last norm, each column minus its mean, (width, projection): the map from the
/// residual stream to the embedding, without 1/σ.
std::vector<double> pooled_projection(const Record& record) {
  const auto& projection = op<Linear>(record, "vision.embedding");
  const std::vector<float>& gamma = op<LayerNorm>(record, "vision.pooled").gamma();
  const std::vector<float> weight = projection.weight();
  const std::size_t width = gamma.size(), outputs = weight.size() / width;
  std::vector<double> result(weight.size());
  for (std::size_t e = 0; e < outputs; ++e) {
    double mean = 0;
    for (std::size_t c = 0; c < width; ++c) {
      result[c * outputs + e] = double(weight[e * width + c]) * double(gamma[c]);
      mean += result[c * outputs + e] / double(width);
    }
    for (std::size_t c = 0; c < width; ++c) result[c * outputs + e] -= mean;
  }
  return result;
}

/// The direction of each channel of a head in the joint space, (head width, projection).
std::vector<double> channel_directions(const Record& record, HeadPosition position,
                                       const std::vector<double>& to_embedding) {
  const auto& out = op<Linear>(record, point(position.block, "attn_out"));
  const std::vector<float> weight = out.weight();
  const auto inputs = std::size_t(out.inputs()), outputs = std::size_t(out.outputs()),
             channels = inputs / std::size_t(head_count(record)),
             begin = std::size_t(position.head) * channels,
             projection = to_embedding.size() / outputs;
  std::vector<double> result(channels * projection, 0.0);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t c = 0; c < channels; ++c) {
      const auto w = double(weight[o * inputs + begin + c]);
      for (std::size_t e = 0; e < projection; ++e) {
        result[c * projection + e] += w * to_embedding[o * projection + e];
      }
    }
  }
  return result;
}

/// Σ_j A_j (v_j − b_v) / (σ ‖z‖) of a head at the class token, (head width).
std::vector<double> channels_of(const Record& record, HeadPosition position) {
  const Tensor &pattern = record.at(point(position.block, "pattern")),
               &v = record.at(point(position.block, "v"));
  const auto& mix = op<AttentionMix>(record, point(position.block, "z"));
  const std::vector<float>& bias = op<Linear>(record, point(position.block, "v")).bias();
  const auto width = std::size_t(v.width() / mix.heads());
  const std::size_t begin = std::size_t(position.head) * width;
  // The class token is the first query; the rows of a head are contiguous.
  const std::span<const float> weights = pattern.row(position.head * mix.mask().queries());
  std::vector<double> result(width, 0.0);
  for (std::int64_t j = 0; j < v.rows(); ++j) {
    for (std::size_t c = 0; c < width; ++c) {
      const double own = bias.empty() ? 0 : double(bias[begin + c]);
      result[c] += double(weights[std::size_t(j)]) * (double(v.row(j)[begin + c]) - own);
    }
  }
  const double scale = double(record.step("vision.pooled").saved[1].values()[0]) *
                       double(record.step("vision.normalized").saved[0].values()[0]);
  for (double& u : result) u *= scale;
  return result;
}

}  // namespace

HeadOutputs::HeadOutputs(int blocks, std::optional<HeadPosition> only)
    : blocks_(blocks), only_(only) {}

void HeadOutputs::begin(const RecordedImage& recorded) {
  const Record& record = recorded.record();
  if (only_) check(record, *only_);
  const int count = block_count(record), heads = head_count(record);
  const std::vector<double> projection = pooled_projection(record);
  for (int block = 0; block < count; ++block) {
    if (only_ ? only_->block != block : block < count - blocks_) continue;
    for (int head = 0; head < heads; ++head) {
      if (only_ && only_->head != head) continue;
      const HeadPosition position{block, head};
      const std::int64_t channels = op<Linear>(record, point(block, "attn_out")).inputs() / heads;
      heads_.push_back(
          {position, VectorSums(channel_directions(record, position, projection), channels)});
    }
  }
}

void HeadOutputs::add(const RecordedImage& recorded) {
  if (heads_.empty()) begin(recorded);
  for (Head& head : heads_) head.outputs.add(channels_of(recorded.record(), head.position));
  ++images_;
}

std::vector<double> head_vector(const RecordedImage& recorded, HeadPosition position) {
  const Record& record = recorded.record();
  check(record, position);
  const std::vector<double> basis = channel_directions(record, position, pooled_projection(record));
  const std::vector<double> channels = channels_of(record, position);
  std::vector<double> result(basis.size() / channels.size(), 0.0);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] += channels[c] * basis[c * result.size() + i];
    }
  }
  return result;
}

std::vector<HeadWords> head_words(const HeadOutputs& outputs, const WordTexts& words,
                                  const HeadWordsOptions& options) {
  std::vector<HeadWords> result;
  const auto total = std::int64_t(outputs.heads().size());
  for (const HeadOutputs::Head& head : outputs.heads()) {
    report_progress(options.progress, "words for heads", std::int64_t(result.size()), total);
    result.push_back({head.position, text_span(head.outputs, words.directions, options.texts)});
  }
  report_progress(options.progress, "words for heads", total, total);
  return result;
}

}  // namespace whyclip
