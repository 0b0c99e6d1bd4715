#include "whyclip/attribution/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The norm. Throws Error if it is zero or not finite.
double norm_of(std::span<const double> values, const char* what) {
  const double norm = std::sqrt(dot(values, values));
  if (!(norm > 0) || !std::isfinite(norm)) {
    throw Error(what, "it is zero or not finite: it has no direction");
  }
  return norm;
}

/// Σ w_k t̂_k of a target, and its prompts' mean length, weighted by |w_k|.
struct TextSide {
  std::vector<double> direction;
  double mean_length = 0;
};

TextSide text_side(const ZeroShot& zero_shot, const Target& target) {
  prompt_texts(zero_shot, target);  // throws if the target is not made of these prompts
  TextSide side{std::vector<double>(std::size_t(zero_shot.prompt_embeddings.width()), 0.0)};
  double weights = 0;
  for (const auto& [prompt, weight] : target.prompts) {
    const std::span<const float> embedding = zero_shot.prompt_embeddings.row(prompt);
    for (std::size_t k = 0; k < embedding.size(); ++k) {
      side.direction[k] += weight * double(embedding[k]);
    }
    side.mean_length += std::abs(weight) * zero_shot.prompt_norms[std::size_t(prompt)];
    weights += std::abs(weight);
  }
  side.mean_length /= weights;
  return side;
}

/// Softmax, with the largest exponent subtracted.
std::vector<double> softmax(std::span<const double> values) {
  const double most = values.empty() ? 0 : *std::ranges::max_element(values);
  std::vector<double> result;
  for (const double value : values) result.push_back(std::exp(value - most));
  const double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double& value : result) value /= sum;
  return result;
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`, for trials of
/// increasing width.
double next_round(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double digit : {1.0, 2.0, 5.0}) {
    if (digit * power >= least) return digit * power;
  }
  return 10 * power;
}

}  // namespace

Inspection inspect(std::span<const double> image, std::span<const double> text, double text_unit,
                   double logit_scale) {
  if (image.size() != text.size()) {
    throw Error("text embedding",
                fmt::format("expected {} values as the image embedding has, got {}", image.size(),
                            text.size()));
  }
  if (!(text_unit > 0) || !(logit_scale > 0)) {
    throw Error("inspection",
                fmt::format("expected a unit and a logit scale above 0, got {} and {}", text_unit,
                            logit_scale));
  }
  Inspection result;
  result.image.assign(image.begin(), image.end());
  result.text.assign(text.begin(), text.end());
  result.image_norm = norm_of(image, "image embedding");
  result.text_norm = norm_of(text, "text embedding");
  result.text_unit = text_unit;
  result.logit_scale = logit_scale;
  result.dot = dot(image, text);
  result.similarity = result.dot / (result.image_norm * result.text_norm);
  result.logit = logit_scale * result.similarity * (result.text_norm / text_unit);
  result.model_logit = result.logit;
  const double factor = logit_scale / (result.image_norm * text_unit);
  for (std::size_t k = 0; k < image.size(); ++k) {
    result.products.push_back(image[k] * text[k]);
    result.contributions.push_back(factor * result.products.back());
  }
  result.sum = std::accumulate(result.contributions.begin(), result.contributions.end(), 0.0);
  result.residual = result.model_logit - result.sum;
  return result;
}

Inspection inspect(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                   std::span<const float> image_embedding) {
  // For equal texts, rounding of the float32 embeddings leaves about 1e-7.
  constexpr double kSame = 1e-6;
  const double model_logit = target_value(target, image_embedding);
  const TextSide side = text_side(zero_shot, target);
  const double length = std::sqrt(dot(side.direction, side.direction));
  if (length < kSame) {
    throw Error(target.name,
                "the model cannot tell these texts apart: their difference is zero "
                "(the tokenizer ignores capital letters); contrast other texts");
  }
  std::vector<double> text = side.direction;
  for (double& value : text) value *= side.mean_length;
  const std::vector<double> image(image_embedding.begin(), image_embedding.end());
  const double unit = side.mean_length * (target.kind == "contrast" ? 1 : length);
  Inspection result = inspect(image, text, unit, clip.logit_scale());
  result.target_kind = target.kind;
  result.target_name = target.name;
  result.model_logit = model_logit;
  result.residual = model_logit - result.sum;
  return result;
}

std::vector<Confidence> confidences(std::span<const double> similarities, double logit_scale) {
  std::vector<double> logits;
  for (const double similarity : similarities) {
    logits.push_back(logit_scale * similarity);
    if (!std::isfinite(logits.back())) {
      throw Error("confidence", fmt::format("expected finite cosines and a finite logit scale, got "
                                            "{} and {}",
                                            similarity, logit_scale));
    }
  }
  const std::vector<double> unscaled = softmax(similarities), scaled = softmax(logits);
  std::vector<Confidence> result;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    result.push_back({similarities[i], logits[i], unscaled[i], scaled[i]});
  }
  return result;
}

Bins round_bins(std::span<const double> first, std::span<const double> second, int most) {
  if (most < 2) throw Error("histogram", fmt::format("expected two bins or more, got {}", most));
  std::vector<double> values(first.begin(), first.end());
  values.insert(values.end(), second.begin(), second.end());
  if (values.empty() || !std::ranges::all_of(values, [](double v) { return std::isfinite(v); })) {
    throw Error("histogram", "expected finite values, and at least one");
  }
  const auto [least, largest] = std::ranges::minmax(values);
  const double size = std::max(std::abs(least), std::abs(largest));
  if (size == 0) return {0, 1, 1};
  // Edges are integer multiples of the width, which must not overflow if the values hardly differ.
  constexpr double kFinest = 1e-9;
  double width = largest > least ? next_round(std::max(kFinest * size, (largest - least) / most))
                                 : next_round(size);
  for (;;) {
    const double low = std::floor(least / width), high = std::floor(largest / width);
    // The outermost bins extend beyond the values, so one bin more than `most` may be needed.
    if (high - low + 1 <= most) {
      return {std::int64_t(low), std::int64_t(high - low) + 1, width};
    }
    width = next_round(width * 1.5);
  }
}

std::vector<std::int64_t> histogram(std::span<const double> values, const Bins& bins) {
  std::vector<std::int64_t> counts(std::size_t(bins.count), 0);
  for (const double value : values) {
    const double position = std::floor(value / bins.width) - double(bins.first);
    if (!(position >= 0) || position >= double(bins.count)) {
      throw Error("histogram", fmt::format("{} is not between {} and {}", value, bins.edge(0),
                                           bins.edge(bins.count)));
    }
    ++counts[std::size_t(position)];
  }
  return counts;
}

std::vector<int> by_size(std::span<const double> values) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int a, int b) {
    return std::abs(values[std::size_t(a)]) > std::abs(values[std::size_t(b)]);
  });
  return order;
}

std::vector<int> beyond(std::span<const double> values, double threshold) {
  if (!(threshold > 0) || !std::isfinite(threshold)) {
    throw Error("threshold", fmt::format("expected a finite number above 0, got {}", threshold));
  }
  std::vector<int> indices;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::abs(values[k]) >= threshold) indices.push_back(int(k));
  }
  return indices;
}

std::vector<int> overlap(std::span<const int> first, std::span<const int> second) {
  std::vector<int> both;
  std::ranges::set_intersection(first, second, std::back_inserter(both));
  return both;
}

}  // namespace whyclip
