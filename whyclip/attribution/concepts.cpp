#include "whyclip/attribution/concepts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/nonnegative_lasso.h"

namespace whyclip {
namespace {

/// Shorter differences from the mean are rounding errors.
constexpr double kNoDirection = 1e-6;

template <class A, class B>
double dot(const A& a, const B& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

template <class A>
double norm(const A& a) {
  return std::sqrt(dot(a, a));
}

std::vector<double> normalised(std::span<const float> embedding) {
  const double length = norm(embedding);
  if (!(length > 0) || !std::isfinite(length)) {
    throw Error("image embedding", "is zero or not finite: it has no direction");
  }
  std::vector<double> result(embedding.begin(), embedding.end());
  for (double& v : result) v /= length;
  return result;
}

ConceptScore score_of(const Target& target, std::span<const double> z, std::span<const double> mean,
                      std::span<const double> residual, double centred_norm,
                      const std::vector<Concept>& chosen) {
  ConceptScore score{.value = dot(target.direction, z),
                     .mean = dot(target.direction, mean),
                     .rest = centred_norm * dot(target.direction, residual)};
  for (const Concept& word : chosen) score.words += word.contribution;
  score.residual = score.value - (score.mean + score.words + score.rest);
  return score;
}

}  // namespace

ConceptDictionary concept_dictionary(WordTexts words) {
  if (words.words.size() < 2) {
    throw Error("words",
                fmt::format("expected at least two, because their mean is subtracted; got {}",
                            words.words.size()));
  }
  const std::size_t width = words.projection(), count = words.words.size();
  std::vector<double> mean(width, 0.0);
  for (std::size_t w = 0; w < count; ++w) {
    for (std::size_t i = 0; i < width; ++i) mean[i] += words.direction(w)[i] / double(count);
  }
  ConceptDictionary result{.words = std::move(words), .atoms = {}};
  result.atoms = result.words.directions;
  for (std::size_t w = 0; w < count; ++w) {
    const std::span<double> atom = std::span(result.atoms).subspan(w * width, width);
    for (std::size_t i = 0; i < width; ++i) atom[i] -= mean[i];
    const double length = norm(atom);
    if (!(length > kNoDirection)) {
      throw Error(
          "words",
          fmt::format(
              "\"{}\" equals the mean embedding of all words; remove it, or use words that differ",
              result.words.words[w]));
    }
    for (double& v : atom) v /= length;
  }
  return result;
}

Concepts concepts(std::span<const float> embedding, const ConceptDictionary& dictionary,
                  std::span<const double> mean, const ConceptOptions& options) {
  const std::size_t width = dictionary.words.projection();
  if (embedding.size() != width || mean.size() != width ||
      (options.target && options.target->direction.size() != width)) {
    throw Error("concepts", fmt::format("expected an embedding, a mean and a target of {} values, "
                                        "as the words have",
                                        width));
  }
  const std::vector<double> z = normalised(embedding);
  std::vector<double> centred(width);
  std::transform(z.begin(), z.end(), mean.begin(), centred.begin(), std::minus<>());
  Concepts result{.penalty = options.penalty, .centred_norm = norm(centred)};
  if (!(result.centred_norm > kNoDirection)) {
    throw Error("image mean", "equals this image's own embedding: the difference is zero");
  }
  for (double& v : centred) v /= result.centred_norm;

  const LassoSolution solution = nonnegative_lasso(
      dictionary.atoms, centred, {.penalty = options.penalty, .progress = options.progress});
  result.objective = solution.objective;
  result.gap = solution.gap;
  std::vector<double> sum(width, 0.0);
  for (std::size_t w = 0; w < solution.weights.size(); ++w) {
    const std::span<const double> atom = std::span(dictionary.atoms).subspan(w * width, width);
    const double similarity = dot(atom, centred), weight = solution.weights[w];
    result.max_penalty = std::max(result.max_penalty, similarity);
    if (weight == 0) continue;
    for (std::size_t i = 0; i < width; ++i) sum[i] += weight * atom[i];
    const double contribution =
        options.target ? result.centred_norm * weight * dot(options.target->direction, atom) : 0;
    result.chosen.push_back({w, weight, similarity, contribution});
  }
  std::ranges::stable_sort(result.chosen, std::ranges::greater(), &Concept::weight);
  if (const double length = norm(sum); length > 0) {
    result.cosine = dot(sum, centred) / length;
    for (std::size_t i = 0; i < width; ++i) sum[i] = sum[i] / length + mean[i];
    if (const double restored = norm(sum); restored > 0) {
      result.restored_cosine = dot(sum, z) / restored;
    }
  }
  if (options.target) {
    result.score =
        score_of(*options.target, z, mean, solution.residual, result.centred_norm, result.chosen);
  }
  return result;
}

}  // namespace whyclip
