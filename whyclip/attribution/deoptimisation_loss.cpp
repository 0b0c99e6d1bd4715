#include "whyclip/attribution/deoptimisation_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  return kernels::dot(a.data(), b.data(), std::int64_t(a.size()));
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

double DeoptimisationLoss::along(std::span<const float> embedding) const {
  const double product = dot(embedding, vector);
  return form == LossForm::kCosine ? product / std::sqrt(dot(embedding, embedding)) : product;
}

double DeoptimisationLoss::value(std::span<const float> embedding) const {
  const double product = along(embedding);
  if (form == LossForm::kDotSquared) return product * product;
  // not std::max: what is not a number must stay so
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
