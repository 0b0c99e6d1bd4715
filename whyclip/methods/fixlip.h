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
  std::vector<PlayerSet> sets = {};
  std::vector<double> weights = {};  ///< (sets)
  std::vector<double> vectors = {};  ///< (sets, width), row-major
  std::size_t width = 0;
};

/// Coefficients of vector ≈ c_0 + Σ over the players of the set of c_i, least squares by the sets'
/// weights, (1 + players, width). Throws Error naming `option` if the sets are too few to tell the
/// players apart.
std::vector<double> fit_vectors(const VectorGame& game, std::string_view option);

/// Pairs of a word and a patch as the second-order game closest to the score in the mean over
/// random sets of words and patches (Baniecki et al., Explaining Similarity in Vision–Language
/// Encoders with Weighted Banzhaf Interactions, 2025).
Method fixlip_method();

}  // namespace whyclip
