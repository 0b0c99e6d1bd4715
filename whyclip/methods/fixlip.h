#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/methods/game.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// Random sets of one side of a game of pairs, and what each is worth as a vector: a set of
/// patches and a set of words are worth the scalar product of theirs.
struct VectorGame {
  int players = 0;
  std::vector<Coalition> sets = {};
  std::vector<double> weights = {};  ///< (sets)
  std::vector<double> vectors = {};  ///< (sets, width), row-major
  std::size_t width = 0;
};

/// Coefficients of vector ≈ c_0 + Σ over the players of the set of c_i, least squares by the sets'
/// weights, (1 + players, width). Throws Error naming `option` if the sets are too few to tell the
/// players apart.
std::vector<double> fit_vectors(const VectorGame& game, std::string_view option);

/// The players of one side, in the order of fit_pairs: the empty set, each alone, then each pair i
/// < j, row by row.
struct SecondOrder {
  int players = 0;
  std::vector<double> coefficients = {};

  /// 1 + players + players (players − 1) / 2.
  static std::size_t count(int players);
  double of_empty() const { return coefficients[0]; }
  double of(int i) const { return coefficients[std::size_t(i) + 1]; }
  double of(int i, int j) const;  ///< of a pair in any order
};

/// Coefficients of value ≈ c_0 + Σ over the players of the set of c_i + Σ over its pairs of c_ij,
/// least squares by the sets' weights; `values` is (sets). The sets' vectors are not read. Throws
/// Error naming `option` if the sets are too few to tell players and pairs apart.
SecondOrder fit_pairs(const VectorGame& game, std::span<const double> values,
                      std::string_view option);

/// Pairs of a word and a patch as the second-order game closest to the score in the mean over
/// random sets of words and patches (Baniecki et al., Explaining Similarity in Vision–Language
/// Encoders with Weighted Banzhaf Interactions, 2025).
Method fixlip_method();

}  // namespace whyclip
