#include "whyclip/article/deoptimisation_loss.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  return kernels::dot(a.data(), b.data(), std::int64_t(a.size()));
}

/// The mean length of the target's prompt embeddings before normalisation.
double mean_length(const ZeroShot& zero_shot, const Target& target) {
  double sum = 0;
  for (const auto& [prompt, weight] : target.prompts) {
    if (prompt < 0 || std::size_t(prompt) >= zero_shot.prompt_norms.size()) {
      throw Error(target.name, fmt::format("its prompt {} is not in the classifier", prompt));
    }
    sum += zero_shot.prompt_norms[std::size_t(prompt)];
  }
  if (target.prompts.empty()) throw Error(target.name, "has no prompts");
  return sum / double(target.prompts.size());
}

}  // namespace

std::string_view name_of(LossForm form) {
  switch (form) {
    case LossForm::kDotSquared:
      return "dot²";
    case LossForm::kPositiveSquared:
      return "max(dot, 0)²";
    case LossForm::kDot:
      return "dot";
    case LossForm::kCosine:
      return "cosine";
  }
  return "unknown";
}

std::vector<std::string> loss_names() { return {std::begin(kLossNames), std::end(kLossNames)}; }

LossForm loss_named(std::string_view name) {
  if (name == "dot-squared") return LossForm::kDotSquared;
  if (name == "positive") return LossForm::kPositiveSquared;
  if (name == "dot") return LossForm::kDot;
  if (name == "cosine" || name == "logit") return LossForm::kCosine;
  throw Error("loss", fmt::format("there is no loss \"{}\"; expected one of {}", name,
                                  fmt::join(kLossNames, ", ")));
}

double DeoptimisationLoss::along(std::span<const float> embedding) const {
  const double product = dot(embedding, vector);
  return form == LossForm::kCosine ? product / std::sqrt(dot(embedding, embedding)) : product;
}

double DeoptimisationLoss::value(std::span<const float> embedding) const {
  const double product = along(embedding);
  if (form == LossForm::kDotSquared) return product * product;
  // not std::max, which would hide NaN
  if (form == LossForm::kPositiveSquared) return product <= 0 ? 0 : product * product;
  return product;
}

void DeoptimisationLoss::gradient(std::span<const float> embedding,
                                  std::span<float> gradient) const {
  const double product = along(embedding);
  double of_vector = 1, of_embedding = 0;
  if (form == LossForm::kDotSquared) of_vector = 2 * product;
  if (form == LossForm::kPositiveSquared) of_vector = product <= 0 ? 0 : 2 * product;
  if (form == LossForm::kCosine) {
    const double squared = dot(embedding, embedding);
    of_vector = 1 / std::sqrt(squared);
    of_embedding = -product / squared;
  }
  for (std::size_t k = 0; k < vector.size(); ++k) {
    gradient[k] = float(of_vector * double(vector[k]) + of_embedding * double(embedding[k]));
  }
}

DeoptimisationLoss deoptimisation_loss(LossForm form, const Target& target,
                                       const ZeroShot& zero_shot, float logit_scale,
                                       std::span<const float> image_embedding) {
  double factor = 1 / double(logit_scale);
  if (target.kind == "feature") {
    factor = 1 / std::sqrt(dot(image_embedding, image_embedding));
  } else if (form != LossForm::kCosine) {
    factor *= mean_length(zero_shot, target);
  }
  DeoptimisationLoss loss{fmt::format("{} of {}", name_of(form), target.name), form, {}};
  for (const float value : target.direction) {
    loss.vector.push_back(float(double(value) * factor));
  }
  return loss;
}

void DeoptimisationLoss::check(std::size_t width) const {
  if (vector.size() != width) {
    throw Error("loss " + name,
                fmt::format("expected a vector of {} values, got {}", width, vector.size()));
  }
  if (!kernels::all_finite(vector.data(), std::int64_t(width))) {
    throw Error("loss " + name, "its vector has values that are not finite");
  }
  if (std::ranges::all_of(vector, [](float value) { return value == 0; })) {
    throw Error("loss " + name, "its vector is zero: there is nothing to change");
  }
}

}  // namespace whyclip
