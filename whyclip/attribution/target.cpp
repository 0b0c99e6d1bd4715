#include "whyclip/attribution/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

std::vector<float> scaled(std::span<const float> embedding, float scale) {
  std::vector<float> result(embedding.begin(), embedding.end());
  for (float& value : result) value *= scale;
  return result;
}

/// Throws Error unless 0 ≤ index < size.
std::size_t checked(int index, std::size_t size, std::string_view what) {
  if (index < 0 || std::size_t(index) >= size) {
    throw Error(what, fmt::format("there are {}, and none has the index {}", size, index));
  }
  return std::size_t(index);
}

/// The weights of a class's prompts: t_c = Σ t̂ / ‖Σ t̂‖.
std::vector<PromptWeight> class_prompts(const ZeroShot& zero_shot, int class_index) {
  std::vector<double> sum(std::size_t(zero_shot.prompt_embeddings.width()), 0.0);
  std::vector<PromptWeight> prompts;
  for (std::size_t p = 0; p < zero_shot.prompts.size(); ++p) {
    if (zero_shot.prompts[p].class_index != class_index) continue;
    const std::span<const float> prompt = zero_shot.prompt_embeddings.row(std::int64_t(p));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += double(prompt[i]);
    prompts.push_back({int(p), 0});
  }
  const double norm = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0));
  for (PromptWeight& prompt : prompts) prompt.weight = 1 / norm;
  return prompts;
}

void append_scaled(std::vector<PromptWeight>& to, const std::vector<PromptWeight>& prompts,
                   double factor) {
  for (const auto& [prompt, weight] : prompts) to.push_back({prompt, factor * weight});
}

void subtract(std::vector<float>& from, std::span<const float> what) {
  std::transform(from.begin(), from.end(), what.begin(), from.begin(), std::minus<>());
}

}  // namespace

Target prompt_target(const Clip& clip, const ZeroShot& zero_shot, int prompt) {
  return {"prompt",
          zero_shot.prompts[checked(prompt, zero_shot.prompts.size(), "prompts")].text,
          scaled(zero_shot.prompt_embeddings.row(prompt), clip.logit_scale()),
          {{prompt, 1}}};
}

Target class_target(const Clip& clip, const ZeroShot& zero_shot, int class_index) {
  return {"class", zero_shot.classes[checked(class_index, zero_shot.classes.size(), "classes")],
          scaled(zero_shot.class_embeddings.row(class_index), clip.logit_scale()),
          class_prompts(zero_shot, class_index)};
}

Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index, int against) {
  Target target = class_target(clip, zero_shot, class_index);
  if (class_index == against) {
    throw Error("contrast", fmt::format("\"{}\" is contrasted with itself", target.name));
  }
  const Target other = class_target(clip, zero_shot, against);
  target.kind = "contrast";
  target.name = fmt::format("{} − {}", target.name, other.name);
  subtract(target.direction, other.direction);
  append_scaled(target.prompts, other.prompts, -1);
  return target;
}

Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index) {
  Target target = class_target(clip, zero_shot, class_index);
  target.kind = "contrast";
  target.name = fmt::format("{} − others", target.name);
  const std::string& name = zero_shot.classes[std::size_t(class_index)];
  const auto others =
      std::int64_t(zero_shot.classes.size()) - std::ranges::count(zero_shot.classes, name);
  if (others == 0) {
    throw Error("contrast", fmt::format("\"{}\" is the only class: there are no others", name));
  }
  std::vector<double> sum(target.direction.size(), 0.0);
  for (int c = 0; c < int(zero_shot.classes.size()); ++c) {
    if (zero_shot.classes[std::size_t(c)] == name) continue;
    const Target other = class_target(clip, zero_shot, c);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += double(other.direction[i]) / double(others);
    }
    append_scaled(target.prompts, other.prompts, -1.0 / double(others));
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    target.direction[i] = float(double(target.direction[i]) - sum[i]);
  }
  return target;
}

double target_value(const Target& target, std::span<const float> embedding) {
  const auto width = std::int64_t(embedding.size());
  if (target.direction.size() != embedding.size()) {
    throw Error(target.name, fmt::format("expected a direction of {} values, got {}", width,
                                         target.direction.size()));
  }
  const double norm = std::sqrt(kernels::dot(embedding.data(), embedding.data(), width));
  if (!(norm > 0) || !std::isfinite(norm)) {
    throw Error(target.name, "the image embedding is zero or not finite: it has no direction");
  }
  return kernels::dot(target.direction.data(), embedding.data(), width) / norm;
}

std::vector<std::string> prompt_texts(const ZeroShot& zero_shot, const Target& target) {
  if (target.prompts.empty()) {
    throw Error(target.name,
                "this target has no prompts, so its words are unknown; create it with "
                "prompt_target, class_target or contrast_target");
  }
  std::vector<std::string> texts;
  for (const PromptWeight& part : target.prompts) {
    texts.push_back(
        zero_shot.prompts[checked(part.prompt, zero_shot.prompts.size(), "prompts")].text);
  }
  return texts;
}

std::vector<float> image_direction(const Clip& clip, std::span<const float> image_embedding) {
  if (std::int64_t(image_embedding.size()) != clip.config().projection) {
    throw Error("image embedding", fmt::format("expected {} values, got {}",
                                               clip.config().projection, image_embedding.size()));
  }
  return scaled(image_embedding, inverse_norm(image_embedding) * clip.logit_scale());
}

int class_index_of(const ZeroShot& zero_shot, const std::string& name) {
  const auto found = std::find(zero_shot.classes.begin(), zero_shot.classes.end(), name);
  if (found == zero_shot.classes.end()) {
    throw Error("class", fmt::format("\"{}\" is not among the classes: {}", name,
                                     fmt::join(zero_shot.classes, ", ")));
  }
  return int(found - zero_shot.classes.begin());
}

}  // namespace whyclip
