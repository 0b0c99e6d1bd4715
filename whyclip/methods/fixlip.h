#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/methods/game.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// Random sets of one side (image or prompt) of a game, with a vector for each. The value of a set
/// of patches and a set of words is the scalar product of their vectors.
struct VectorGame {
  int players = 0;
  std::vector<Coalition> sets = {};
  std::vector<double> weights = {};  ///< (sets)
  std::vector<double> vectors = {};  ///< (sets, width), row-major
  std::size_t width = 0;
};

/// Coefficients of vector ≈ c_0 + Σ over the players of the set of c_i, weighted least squares, (1
/// + players, width). Throws Error with the name `option` if the sets do not determine the
/// coefficients.
std::vector<double> fit_vectors(const VectorGame& game, std::string_view option);

/// A second-order game of one side: coefficients of the empty set, of each player, then of each
/// pair i < j, row by row.
struct SecondOrder {
  int players = 0;
  std::vector<double> coefficients = {};

  /// 1 + players + players (players − 1) / 2.
  static std::size_t count(int players);
  double of_empty() const { return coefficients[0]; }
  double of(int i) const { return coefficients[std::size_t(i) + 1]; }
  double of(int i, int j) const;  ///< symmetric
};

/// Coefficients of value ≈ c_0 + Σ over the players of the set of c_i + Σ over its pairs of c_ij,
/// weighted least squares; `values` is (sets). The sets' vectors are not used. Throws Error with
/// the name `option` if the sets do not determine the coefficients.
SecondOrder fit_pairs(const VectorGame& game, std::span<const double> values,
                      std::string_view option);

/// Word–patch interactions of the second-order game closest to the score over random sets of words
/// and patches (Baniecki et al., Explaining Similarity in Vision–Language Encoders with Weighted
/// Banzhaf Interactions, 2025).
Method fixlip_method();

}  // namespace whyclip
