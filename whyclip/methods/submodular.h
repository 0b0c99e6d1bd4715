#pragma once

#include <span>
#include <vector>

#include "whyclip/methods/game.h"

namespace whyclip {

enum class SubmodularSearch {
  kBidirectional,  ///< the best region goes to the front and the worst to the back, in turns: Chen
                   ///< et al., Less is More: Efficient Black-box Attribution, 2025 (LiMA), as the
                   ///< authors' program has it
  kGreedy,         ///< the best region next: Chen et al., Less is More: Fewer Interpretable Region,
                   ///< 2024, algorithm 1
};

/// What regions are chosen by:
/// F(S) = effectiveness · Σ_{i ∈ S} min_{j ∈ S, j ≠ i} d(i, j) + consistency · v(S)
///      + collaboration · (1 − v(V ∖ S)).
/// The paper's fourth term, confidence, needs a network that says how uncertain it is.
struct SubmodularOptions {
  SubmodularSearch search = SubmodularSearch::kBidirectional;
  int pending = 8;  ///< candidates for the back in a turn, at least 2; these are left for the front
                    ///< in the end
  double effectiveness = 0.05, consistency = 1, collaboration = 1;
  Progress progress = {};  ///< a unit is a region
};

struct RegionOrder {
  std::vector<int> players;   ///< the most important first
  std::vector<double> gains;  ///< F with each and those before it minus F without it, in this order
};

/// `distance` is d, (players × players); `values` is v. Of equally good players the first counts.
RegionOrder submodular_order(int players, std::span<const double> distance,
                             const SubmodularOptions& options, const ValueFunction& values);

/// arccos(cosine) / π between the rows, (rows × rows).
std::vector<double> angles(const Tensor& embeddings);

Method submodular_method();

}  // namespace whyclip
