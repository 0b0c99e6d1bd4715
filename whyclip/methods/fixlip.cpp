#include "whyclip/methods/fixlip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/cholesky.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/pairs.h"
#include "whyclip/methods/prompt_subject.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

// Every set of patches meets every set of words, and their value is a scalar product of unit
// vectors. The least squares over all these pairs in the products of 1, z_i (patches) and 1, z_j
// (words) then fall apart into one regression of vectors for each side: the coefficient of z_i z_j
// is the scalar product of those of z_i and of z_j.

/// Rows of embeddings as unit vectors.
std::vector<double> unit_rows(const Tensor& embeddings) {
  std::vector<double> rows;
  for (std::int64_t r = 0; r < embeddings.rows(); ++r) {
    double squares = 0;
    for (const float v : embeddings.row(r)) squares += double(v) * double(v);
    for (const float v : embeddings.row(r)) rows.push_back(double(v) / std::sqrt(squares));
  }
  return rows;
}

/// All sets where they are no more than `most`, each with its probability; otherwise as many drawn.
void draw(VectorGame& game, int most, double p, std::uint64_t seed) {
  if (game.players < 20 && (1 << game.players) <= most) {
    game.sets = all_sets(game.players);
    for (const PlayerSet& set : game.sets) {
      game.weights.push_back(std::pow(p, double(set.size())) *
                             std::pow(1 - p, double(game.players) - double(set.size())));
    }
  } else {
    game.sets = random_sets(game.players, most, p, seed);
    game.weights.assign(game.sets.size(), 1.0 / double(game.sets.size()));
  }
}

VectorGame picture_game(Subject& subject, const Regions& regions, const MethodSettings& settings,
                        const Progress& progress) {
  VectorGame game{.players = int(regions.regions.size())};
  draw(game, settings.count("pictures"), settings.number("p"), seed_of(settings));
  std::vector<PatchSet> kept;
  for (const PlayerSet& set : game.sets) kept.push_back(patches_of(regions, set));
  const Tensor embeddings = subject.embeddings_keeping(kept, fill_of(settings), progress);
  game.width = std::size_t(embeddings.width());
  game.vectors = unit_rows(embeddings);
  return game;
}

VectorGame prompt_game(const PromptSubject& prompt, const MethodSettings& settings,
                       const Progress& progress) {
  VectorGame game{.players = int(prompt.words().size())};
  draw(game, settings.count("prompts"), settings.number("p"), seed_of(settings) + 1);
  const Tensor embeddings = prompt.embeddings_keeping(game.sets, progress);
  game.width = std::size_t(embeddings.width());
  game.vectors = unit_rows(embeddings);
  return game;
}

double dot(const double* a, const double* b, std::size_t width) {
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) sum += a[k] * b[k];
  return sum;
}

/// What the model gives each set, (sets, width).
std::vector<double> fitted(const VectorGame& game, std::span<const double> coefficients) {
  std::vector<double> result;
  for (const PlayerSet& set : game.sets) {
    std::vector<double> sum(coefficients.begin(), coefficients.begin() + long(game.width));
    for (const int i : set) {
      for (std::size_t k = 0; k < game.width; ++k) {
        sum[k] += coefficients[std::size_t(i + 1) * game.width + k];
      }
    }
    result.insert(result.end(), sum.begin(), sum.end());
  }
  return result;
}

/// The part of the values' variance over all pairs of sets that the model explains.
double explained(const VectorGame& a, const VectorGame& b, std::span<const double> of_a,
                 std::span<const double> of_b) {
  const std::vector<double> fit_a = fitted(a, of_a), fit_b = fitted(b, of_b);
  double weight = 0, mean = 0, squares = 0, missed = 0;
  for (std::size_t i = 0; i < a.sets.size(); ++i) {
    for (std::size_t j = 0; j < b.sets.size(); ++j) {
      const std::size_t x = i * a.width, y = j * b.width;
      const double w = a.weights[i] * b.weights[j],
                   value = dot(a.vectors.data() + x, b.vectors.data() + y, a.width),
                   miss = value - dot(fit_a.data() + x, fit_b.data() + y, a.width);
      weight += w;
      mean += w * value;
      squares += w * value * value;
      missed += w * miss * miss;
    }
  }
  const double variance = squares / weight - mean * mean / (weight * weight);
  return variance > 0 ? 1 - missed / weight / variance : 1;
}

PairAttribution fixlip(Subject& subject, PromptSubject& prompt, const MethodSettings& settings,
                       const Progress& progress) {
  const Regions regions = players_of(subject, settings);
  const VectorGame pictures = picture_game(subject, regions, settings, progress),
                   prompts = prompt_game(prompt, settings, progress);
  const std::vector<double> of_regions = fit_vectors(pictures, "fixlip: pictures"),
                            of_words = fit_vectors(prompts, "fixlip: prompts");
  const double scale = prompt.weight() * double(subject.clip().logit_scale());
  const auto pair = [&](int word, int region) {  // -1: neither
    return scale * dot(of_words.data() + std::size_t(word + 1) * prompts.width,
                       of_regions.data() + std::size_t(region + 1) * pictures.width,
                       pictures.width);
  };
  const auto by_patch = [&](int word) {
    std::vector<double> values;
    for (int r = 0; r < pictures.players; ++r) values.push_back(pair(word, r));
    return spread(regions, values, Spread::kEvenly);
  };
  PairAttribution result;
  for (int w = 0; w < prompts.players; ++w) {
    const std::vector<float> row = by_patch(w);
    result.pairs.insert(result.pairs.end(), row.begin(), row.end());
    result.words.push_back(pair(w, -1));
  }
  const std::vector<float> alone = by_patch(-1);
  result.patches.assign(alone.begin(), alone.end());
  result.elsewhere = pair(-1, -1);
  result.total = prompt.value();
  result.notes.push_back(
      fmt::format("explains {:.1f} % of the score's variance over {} pictures × {} prompts",
                  100 * explained(pictures, prompts, of_regions, of_words), pictures.sets.size(),
                  prompts.sets.size()));
  return result;
}

}  // namespace

std::vector<double> fit_vectors(const VectorGame& game, std::string_view option) {
  const auto n = std::size_t(game.players) + 1;
  std::vector<double> matrix(n * n, 0.0), right(game.width * n, 0.0);
  for (std::size_t s = 0; s < game.sets.size(); ++s) {
    std::vector<std::size_t> with{0};
    for (const int i : game.sets[s]) with.push_back(std::size_t(i) + 1);
    for (const std::size_t i : with) {
      for (const std::size_t j : with) matrix[i * n + j] += game.weights[s];
      for (std::size_t k = 0; k < game.width; ++k) {
        right[k * n + i] += game.weights[s] * game.vectors[s * game.width + k];
      }
    }
  }
  const auto solved = solve_positive_definite(std::move(matrix), std::move(right), n);
  if (!solved) {
    throw Error(std::string(option),
                fmt::format("{} sets do not tell {} parts apart: take more, or fewer regions by "
                            "the option cells",
                            game.sets.size(), game.players));
  }
  std::vector<double> coefficients(n * game.width, 0.0);
  for (std::size_t k = 0; k < game.width; ++k) {
    for (std::size_t i = 0; i < n; ++i) coefficients[i * game.width + k] = (*solved)[k * n + i];
  }
  return coefficients;
}

Method fixlip_method() {
  return {{.name = "fixlip",
           .family = MethodFamily::kInteraction,
           .summary = "pairs of a word and a patch: the second-order game closest to the score of "
                      "pictures and prompts with random parts left out",
           .source = "Baniecki et al., Explaining Similarity in Vision–Language Encoders with "
                     "Weighted Banzhaf Interactions, 2025, cross-modal sampling; without pairs "
                     "within the picture or the prompt, which under that sampling are orthogonal "
                     "to those across. The authors' program replaces patches by the mean colour: "
                     "fill=mean is nearest to it",
           .cost = "pictures × F at p of the tokens + prompts × F of the text tower",
           .in_logits = true,
           .by_regions = true,
           .options = {MethodOption::number("p", "probability with which a part is kept", 0.5, 0.05,
                                            0.95),
                       MethodOption::count("pictures", "sets of regions", 512, 8, 1000000),
                       MethodOption::count("prompts", "sets of words; all, if there are no more",
                                           256, 2, 100000),
                       cells_option(), seed_option(), fill_option()}},
          {},
          {},
          fixlip};
}

}  // namespace whyclip
