#include "whyclip/attribution/feature_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

void check(std::span<const FeatureWeight> features, std::size_t width) {
  if (features.empty()) throw Error("features", "expected at least one");
  std::set<int> seen;
  for (const auto& [index, weight] : features) {
    const std::string where = fmt::format("feature {}", index);
    if (index < 0 || std::size_t(index) >= width) {
      throw Error(where, fmt::format("the joint space has the indices 0 to {}", width - 1));
    }
    if (!seen.insert(index).second) {
      throw Error(where, "appears twice; give it once, with the sum of its weights");
    }
    if (!std::isfinite(weight) || weight == 0) {
      throw Error(where, fmt::format("expected a finite weight other than 0, got {}", weight));
    }
  }
}

/// "feature 92", "features 92, 98:0.5", with the number of further ones if there are many.
std::string name_of(std::span<const FeatureWeight> features) {
  constexpr std::size_t kMost = 6;
  std::string name = features.size() == 1 ? "feature" : "features";
  for (std::size_t i = 0; i < std::min(kMost, features.size()); ++i) {
    name += fmt::format("{} {}", i == 0 ? "" : ",", features[i].index);
    if (features[i].weight != 1) name += fmt::format(":{:.6g}", features[i].weight);
  }
  if (features.size() > kMost) name += fmt::format(" and {} more", features.size() - kMost);
  return name;
}

/// A threshold of two digits that is reached by `count` of the values.
double reachable(std::vector<double> values, std::size_t count) {
  std::ranges::sort(values, std::ranges::greater());
  const double value = values[std::min(count, values.size()) - 1];
  const double digit = std::pow(10, std::floor(std::log10(value)) - 1);
  return std::floor(value / digit) * digit;
}

/// Entries with sign · t_k ≥ sign · threshold.
std::vector<FeatureWeight> select(std::span<const float> t, double threshold, double sign) {
  constexpr std::size_t kSuggested = 5;
  if (!std::isfinite(threshold)) {
    throw Error("threshold", fmt::format("expected a finite number, got {}", threshold));
  }
  if (t.empty() || !kernels::all_finite(t.data(), std::int64_t(t.size()))) {
    throw Error("text embedding", "it is empty or has values that are not finite");
  }
  std::vector<FeatureWeight> selected;
  std::vector<double> reach;  // the sizes of the entries of this sign
  std::size_t largest = 0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double value = double(t[k]);
    if (sign * value >= sign * threshold) selected.push_back({int(k), value});
    if (sign * value > 0) reach.push_back(sign * value);
    if (sign * value > sign * double(t[largest])) largest = k;
  }
  // An entry of zero contributes nothing, and weights must not be zero.
  std::erase_if(selected, [](const FeatureWeight& feature) { return feature.weight == 0; });
  if (!selected.empty()) return selected;
  const std::string found = fmt::format(
      "no entry of the text embedding is {} {}; the {} is {:.4g}, of index {}",
      sign > 0 ? "≥" : "≤", threshold, sign > 0 ? "largest" : "smallest", t[largest], largest);
  if (reach.empty()) throw Error("threshold", found);
  throw Error("threshold",
              fmt::format("{}: try {:g}", found, sign * reachable(std::move(reach), kSuggested)));
}

}  // namespace

Target feature_target(std::span<const FeatureWeight> features,
                      std::span<const float> image_embedding, std::string name) {
  check(features, image_embedding.size());
  const double norm = std::sqrt(kernels::dot(image_embedding.data(), image_embedding.data(),
                                             std::int64_t(image_embedding.size())));
  if (!(norm > 0) || !std::isfinite(norm)) {
    throw Error("image embedding", "it is zero or not finite: it has no direction");
  }
  Target target{.kind = "feature",
                .name = name.empty() ? name_of(features) : std::move(name),
                .direction = std::vector<float>(image_embedding.size(), 0.0f)};
  for (const auto& [index, weight] : features) {
    float& entry = target.direction[std::size_t(index)];
    entry = float(weight * norm);
    if (!std::isfinite(entry)) {
      throw Error(fmt::format("feature {}", index),
                  fmt::format("the weight {} is too large", weight));
    }
  }
  return target;
}

std::vector<FeatureWeight> strong_contributors(std::span<const float> text_embedding,
                                               double threshold) {
  return select(text_embedding, threshold, 1);
}

std::vector<FeatureWeight> detractors(std::span<const float> text_embedding, double threshold) {
  return select(text_embedding, threshold, -1);
}

std::vector<float> text_embedding_of_prompt(const ZeroShot& zero_shot, int prompt) {
  if (prompt < 0 || std::size_t(prompt) >= zero_shot.prompt_norms.size()) {
    throw Error("prompts", fmt::format("there are {}, and none has the index {}",
                                       zero_shot.prompt_norms.size(), prompt));
  }
  std::vector<float> result;
  for (const float value : zero_shot.prompt_embeddings.row(prompt)) {
    result.push_back(float(double(value) * zero_shot.prompt_norms[std::size_t(prompt)]));
  }
  return result;
}

std::vector<float> text_embedding_of_class(const ZeroShot& zero_shot, int class_index) {
  if (class_index < 0 || std::size_t(class_index) >= zero_shot.classes.size()) {
    throw Error("classes", fmt::format("there are {}, and none has the index {}",
                                       zero_shot.classes.size(), class_index));
  }
  double sum = 0, count = 0;
  for (std::size_t p = 0; p < zero_shot.prompts.size(); ++p) {
    if (zero_shot.prompts[p].class_index != class_index) continue;
    sum += zero_shot.prompt_norms[p];
    ++count;
  }
  std::vector<float> result;
  for (const float value : zero_shot.class_embeddings.row(class_index)) {
    result.push_back(float(double(value) * sum / count));
  }
  return result;
}

std::string_view quantity_of(std::string_view target_kind) {
  return target_kind == "feature" ? "feature" : "logit";
}

}  // namespace whyclip
