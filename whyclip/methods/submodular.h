#pragma once

#include <span>
#include <vector>

#include "whyclip/methods/game.h"

namespace whyclip {

enum class SubmodularSearch {
  kBidirectional,  ///< alternately adds the best region to the front and the worst to the back:
                   ///< Chen et al., Less is More: Efficient Black-box Attribution, 2025 (LiMA), as
                   ///< in the authors' code
  kGreedy,         ///< adds the best region: Chen et al., Less is More: Fewer Interpretable Region,
                   ///< 2024, algorithm 1
};

/// The objective for the choice of regions:
/// F(S) = effectiveness · Σ_{i ∈ S} min_{j ∈ S, j ≠ i} d(i, j) + consistency · v(S)
///      + collaboration · (1 − v(V ∖ S)).
/// The paper's fourth term, confidence, needs a network with an uncertainty estimate.
struct SubmodularOptions {
  SubmodularSearch search = SubmodularSearch::kBidirectional;
  int pending = 8;  ///< candidates for the back per step, at least 2; the last `pending` regions
                    ///< are added to the front
  double effectiveness = 0.05, consistency = 1, collaboration = 1;
  Progress progress = {};  ///< one unit per region
};

struct RegionOrder {
  std::vector<int> players;   ///< most important first
  std::vector<double> gains;  ///< gain of F by each player, in the same order
};

/// Ranks the players. `distance` is d, (players × players); `values` is v. Ties go to the first
/// player.
RegionOrder submodular_order(int players, std::span<const double> distance,
                             const SubmodularOptions& options, const ValueFunction& values);

/// arccos(cosine) / π between the rows, (rows × rows).
std::vector<double> angles(const Tensor& embeddings);

Method submodular_method();

}  // namespace whyclip
