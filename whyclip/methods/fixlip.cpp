#include "whyclip/methods/fixlip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "whyclip/core/cholesky.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/pairs.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {
namespace {

// The value of a set of patches S and a set of words T is f(S) · g(T), a scalar product of unit
// vectors. FIxLIP is the least-squares fit of all these values in 1, the players z_i and the pairs
// z_i z_j, weighted by the product of the sets' weights. Let A₁ be the functions of S spanned by 1
// and z_i, and A₂ the orthogonal complement of A₁ in the span with the pairs within the image; let
// B₁ and B₂ be the same for T. The model is A₁ ⊗ B₁ (1, players, cross-modal pairs) + A₂ ⊗ 1 + 1 ⊗
// B₂. The three spaces are orthogonal, because A₂ and B₂ are orthogonal to 1. So the fit separates.
// On A₁ ⊗ B₁ it is one vector regression for each side, and the coefficient of z_i z_j is the
// scalar product of the coefficients of z_i and z_j. On A₂ ⊗ 1 it is the change that pairs make to
// the regression of the game u(S) = f(S) · ḡ, where ḡ is the weighted mean of g; likewise on 1 ⊗
// B₂. The players are 0 or 1, so pairs within a side change the coefficients of its single players.

/// Sets per coefficient, against overfitting of the drawn sets.
constexpr int kSetsPerCoefficient = 4;

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

/// All sets with their probabilities if there are at most `most`; otherwise `most` random sets.
void draw(VectorGame& game, int most, double p, std::uint64_t seed) {
  if (game.players < 20 && (1 << game.players) <= most) {
    game.sets = all_coalitions(game.players);
    for (const Coalition& set : game.sets) {
      game.weights.push_back(std::pow(p, double(set.size())) *
                             std::pow(1 - p, double(game.players) - double(set.size())));
    }
  } else {
    game.sets = random_coalitions(game.players, most, p, seed);
    game.weights.assign(game.sets.size(), 1.0 / double(game.sets.size()));
  }
}

bool has_pairs_within(const MethodSettings& settings) { return settings.word("pairs") == "all"; }

/// The option's number of sets; for 0, `least` or more if there are many coefficients.
int sets_of(const MethodSettings& settings, const char* option, int players, int least) {
  if (const int count = settings.count(option); count > 0) return count;
  if (!has_pairs_within(settings)) return least;
  return std::max(least, kSetsPerCoefficient * int(SecondOrder::count(players)));
}

VectorGame image_game(ExplanationContext& context, const Regions& regions,
                      const MethodSettings& settings, const Progress& progress) {
  VectorGame game{.players = int(regions.regions.size())};
  draw(game, sets_of(settings, "images", game.players, 512), settings.number("p"),
       seed_of(settings));
  std::vector<PatchSet> kept;
  for (const Coalition& set : game.sets) kept.push_back(patches_of(regions, set));
  const Tensor embeddings = context.embeddings_keeping(kept, fill_of(settings), progress);
  game.width = std::size_t(embeddings.width());
  game.vectors = unit_rows(embeddings);
  return game;
}

VectorGame prompt_game(const PromptContext& prompt, const MethodSettings& settings,
                       const Progress& progress) {
  VectorGame game{.players = int(prompt.words().size())};
  draw(game, sets_of(settings, "prompts", game.players, 256), settings.number("p"),
       seed_of(settings) + 1);
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

/// The weighted mean of the sets' vectors, (width).
std::vector<double> mean_vector(const VectorGame& game) {
  std::vector<double> mean(game.width, 0.0);
  double weight = 0;
  for (std::size_t s = 0; s < game.sets.size(); ++s) {
    weight += game.weights[s];
    for (std::size_t k = 0; k < game.width; ++k) {
      mean[k] += game.weights[s] * game.vectors[s * game.width + k];
    }
  }
  for (double& value : mean) value /= weight;
  return mean;
}

/// One side with its regression of vectors, (1 + players, width).
struct GameSide {
  VectorGame game;
  std::vector<double> coefficients;

  const double* of(int player) const {  // -1: the intercept
    return coefficients.data() + std::size_t(player + 1) * game.width;
  }
};

/// The change that pairs within a side make to its regression, on A₂ ⊗ 1, in units of the scalar
/// product.
SecondOrder pairs_within(const GameSide& side, const GameSide& other, std::string_view option) {
  const VectorGame& game = side.game;
  const std::vector<double> mean = mean_vector(other.game);
  std::vector<double> values;
  for (std::size_t s = 0; s < game.sets.size(); ++s) {
    values.push_back(dot(game.vectors.data() + s * game.width, mean.data(), game.width));
  }
  SecondOrder added = fit_pairs(game, values, option);
  for (int i = -1; i < game.players; ++i) {
    added.coefficients[std::size_t(i) + 1] -= dot(side.of(i), mean.data(), game.width);
  }
  return added;
}

/// Zero coefficients, for a model without pairs within a side.
SecondOrder no_pairs_within(int players) {
  return {players, std::vector<double>(SecondOrder::count(players), 0.0)};
}

double value_of(const SecondOrder& within, const Coalition& set) {
  double sum = within.of_empty();
  for (std::size_t a = 0; a < set.size(); ++a) {
    sum += within.of(set[a]);
    for (std::size_t b = 0; b < a; ++b) sum += within.of(set[a], set[b]);
  }
  return sum;
}

/// The fitted model.
struct Model {
  GameSide images, prompts;
  SecondOrder within_image, within_prompt;

  double across(int word, int region) const {  // -1: the intercept
    return dot(prompts.of(word), images.of(region), images.game.width);
  }
};

Model fit(VectorGame images, VectorGame prompts, bool within) {
  std::vector<double> of_regions = fit_vectors(images, "fixlip: images"),
                      of_words = fit_vectors(prompts, "fixlip: prompts");
  Model model{{std::move(images), std::move(of_regions)},
              {std::move(prompts), std::move(of_words)},
              {},
              {}};
  model.within_image = within ? pairs_within(model.images, model.prompts, "fixlip: images")
                              : no_pairs_within(model.images.game.players);
  model.within_prompt = within ? pairs_within(model.prompts, model.images, "fixlip: prompts")
                               : no_pairs_within(model.prompts.game.players);
  return model;
}

/// The fit of each set of a side on A₁ ⊗ B₁, as a vector, (sets, width).
std::vector<double> fitted(const GameSide& side) {
  const std::size_t width = side.game.width;
  std::vector<double> result;
  for (const Coalition& set : side.game.sets) {
    std::vector<double> sum(side.of(-1), side.of(-1) + width);
    for (const int i : set) {
      for (std::size_t k = 0; k < width; ++k) sum[k] += side.of(i)[k];
    }
    result.insert(result.end(), sum.begin(), sum.end());
  }
  return result;
}

std::vector<double> values_within(const GameSide& side, const SecondOrder& within) {
  std::vector<double> values;
  for (const Coalition& set : side.game.sets) values.push_back(value_of(within, set));
  return values;
}

/// R² of the model over all pairs of sets.
double explained(const Model& model) {
  const VectorGame &a = model.images.game, &b = model.prompts.game;
  const std::vector<double> fit_a = fitted(model.images), fit_b = fitted(model.prompts),
                            within_a = values_within(model.images, model.within_image),
                            within_b = values_within(model.prompts, model.within_prompt);
  double weight = 0, mean = 0, squares = 0, squared_error = 0;
  for (std::size_t i = 0; i < a.sets.size(); ++i) {
    for (std::size_t j = 0; j < b.sets.size(); ++j) {
      const std::size_t x = i * a.width, y = j * b.width;
      const double w = a.weights[i] * b.weights[j],
                   value = dot(a.vectors.data() + x, b.vectors.data() + y, a.width),
                   error = value - dot(fit_a.data() + x, fit_b.data() + y, a.width) - within_a[i] -
                           within_b[j];
      weight += w;
      mean += w * value;
      squares += w * value * value;
      squared_error += w * error * error;
    }
  }
  const double variance = squares / weight - mean * mean / (weight * weight);
  return variance > 0 ? 1 - squared_error / weight / variance : 1;
}

/// (n, n), symmetric, zeros on the diagonal.
std::vector<double> square_of(const SecondOrder& within, double scale) {
  const auto n = std::size_t(within.players);
  std::vector<double> square(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (i != j) square[i * n + j] = scale * within.of(int(i), int(j));
    }
  }
  return square;
}

/// Pairs of regions as pairs of patches: the value of two regions is divided equally among their
/// patches.
std::vector<double> patch_pairs(const Regions& regions, const SecondOrder& within, double scale) {
  const auto patches = std::size_t(regions.patches());
  std::vector<double> square(patches * patches, 0.0);
  for (int i = 0; i < within.players; ++i) {
    for (int j = 0; j < within.players; ++j) {
      if (i == j) continue;
      const std::vector<int>&a = regions.regions[std::size_t(i)].patches,
            &b = regions.regions[std::size_t(j)].patches;
      const double part = scale * within.of(i, j) / (double(a.size()) * double(b.size()));
      for (const int p : a) {
        for (const int q : b) square[std::size_t(p) * patches + std::size_t(q)] = part;
      }
    }
  }
  return square;
}

PairAttribution attribution_of(const Model& model, const Regions& regions, double scale) {
  PairAttribution result;
  const auto by_patch = [&](const std::function<double(int region)>& value) {
    std::vector<double> values;
    for (int r = 0; r < model.images.game.players; ++r) values.push_back(scale * value(r));
    return spread(regions, values, Spread::kEvenly);
  };
  for (int w = 0; w < model.prompts.game.players; ++w) {
    const std::vector<float> row = by_patch([&](int r) { return model.across(w, r); });
    result.pairs.insert(result.pairs.end(), row.begin(), row.end());
    result.words.push_back(scale * (model.across(w, -1) + model.within_prompt.of(w)));
  }
  const std::vector<float> alone =
      by_patch([&](int r) { return model.across(-1, r) + model.within_image.of(r); });
  result.patches.assign(alone.begin(), alone.end());
  result.elsewhere = scale * (model.across(-1, -1) + model.within_image.of_empty() +
                              model.within_prompt.of_empty());
  return result;
}

PairAttribution fixlip(ExplanationContext& context, PromptContext& prompt,
                       const MethodSettings& settings, const Progress& progress) {
  const Regions regions = players_of(context, settings);
  const bool within = has_pairs_within(settings);
  const Model model = fit(image_game(context, regions, settings, progress),
                          prompt_game(prompt, settings, progress), within);
  const double scale = prompt.weight() * double(context.clip().logit_scale());
  PairAttribution result = attribution_of(model, regions, scale);
  if (within) {
    result.word_pairs = square_of(model.within_prompt, scale);
    result.patch_pairs = patch_pairs(regions, model.within_image, scale);
  }
  result.total = prompt.value();
  result.notes.push_back(fmt::format(
      "explains {:.1f} % of the score's variance over {} masked images × {} masked prompts",
      100 * explained(model), model.images.game.sets.size(), model.prompts.game.sets.size()));
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
                fmt::format("{} sets do not determine the coefficients of {} players: use more "
                            "sets, or fewer regions (option cells)",
                            game.sets.size(), game.players));
  }
  std::vector<double> coefficients(n * game.width, 0.0);
  for (std::size_t k = 0; k < game.width; ++k) {
    for (std::size_t i = 0; i < n; ++i) coefficients[i * game.width + k] = (*solved)[k * n + i];
  }
  return coefficients;
}

std::size_t SecondOrder::count(int players) {
  const auto n = std::size_t(players);
  return 1 + n + n * (n - 1) / 2;
}

double SecondOrder::of(int i, int j) const {
  const auto n = std::size_t(players), a = std::size_t(std::min(i, j)),
             b = std::size_t(std::max(i, j));
  // Rows before a have n − 1, n − 2, … pairs.
  return coefficients[1 + n + a * n - a * (a + 1) / 2 + b - a - 1];
}

SecondOrder fit_pairs(const VectorGame& game, std::span<const double> values,
                      std::string_view option) {
  const auto players = std::size_t(game.players);
  const std::size_t n = SecondOrder::count(game.players);
  const auto too_few = [&] {
    return Error(std::string(option),
                 fmt::format("{} sets do not determine the coefficients of {} players and their {} "
                             "pairs: use more sets (0: automatic), fewer regions (option cells), "
                             "or pairs=across, without pairs within the image or the prompt",
                             game.sets.size(), players, n - 1 - players));
  };
  if (game.sets.size() < n) throw too_few();
  std::vector<double> matrix(n * n, 0.0), right(n, 0.0);
  for (std::size_t s = 0; s < game.sets.size(); ++s) {
    std::vector<bool> in(players, false);
    for (const int i : game.sets[s]) in[std::size_t(i)] = true;
    std::vector<std::size_t> with{0};
    for (std::size_t i = 0; i < players; ++i) {
      if (in[i]) with.push_back(i + 1);
    }
    std::size_t pair = players + 1;
    for (std::size_t i = 0; i < players; ++i) {
      for (std::size_t j = i + 1; j < players; ++j, ++pair) {
        if (in[i] && in[j]) with.push_back(pair);
      }
    }
    for (std::size_t a = 0; a < with.size(); ++a) {
      right[with[a]] += game.weights[s] * values[s];
      for (std::size_t b = 0; b <= a; ++b) matrix[with[a] * n + with[b]] += game.weights[s];
    }
  }
  auto solved = solve_positive_definite(std::move(matrix), std::move(right), n);
  if (!solved) throw too_few();
  return {game.players, std::move(*solved)};
}

Method fixlip_method() {
  return {
      {.name = "fixlip",
       .family = MethodFamily::kInteraction,
       .summary = "word–patch interactions: least-squares second-order game for the score of "
                  "images and prompts with random parts removed",
       .reference =
           "Baniecki et al., Explaining Similarity in Vision–Language Encoders with "
           "Weighted Banzhaf Interactions, 2025, cross-modal sampling. pairs=all: with pairs "
           "within the image and within the prompt, as published; across: cross-modal pairs only, "
           "as in the authors' code, with the same cross-modal values but other values of single "
           "parts. The authors' code replaces patches by the mean colour: fill=mean is the closest",
       .cost = "images · F with a fraction p of the tokens + prompts · F of the text tower",
       .in_logits = true,
       .by_regions = true,
       .options = {MethodOption::number("p", "probability of keeping a region or word", 0.5, 0.05,
                                        0.95),
                   MethodOption::choice("pairs", "all pairs, or only pairs of a word and a region",
                                        {"all", "across"}),
                   MethodOption::count(
                       "images", "random sets of regions; 0: 512, or 4 per coefficient if more", 0,
                       0, 1000000),
                   MethodOption::count("prompts",
                                       "random sets of words; 0: 256, or 4 per coefficient if more",
                                       0, 0, 100000),
                   cells_option(), seed_option(), fill_option()}},
      {},
      {},
      fixlip};
}

}  // namespace whyclip
