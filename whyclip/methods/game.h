#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "whyclip/image/regions.h"
#include "whyclip/methods/method.h"
#include "whyclip/perturbation/pixel_filling.h"

// An image as a cooperative game. The players are regions of the patch grid. The value of a
// coalition is the target's value with only the coalition's patches kept, the others removed or
// filled. Methods that only need values of coalitions are written for any game, so that tests can
// use games with a known solution.

namespace whyclip {

/// Player indices from 0, ascending.
using Coalition = std::vector<int>;

/// The values of several coalitions, in their order.
using ValueFunction = std::function<std::vector<double>(std::span<const Coalition>)>;

/// The values that a method assigns to the players.
struct GameContributions {
  std::vector<double> players = {};
  double empty_value = 0;           ///< value of the empty coalition, or the intercept of a fit
  double full_value = 0;            ///< value of the coalition of all players
  std::vector<double> errors = {};  ///< standard errors of `players`, if the method has them
};

/// The coalition of all players.
Coalition full_coalition(int players);
/// All 2^players coalitions: player i is in coalition m if bit i of m is 1. Throws Error for more
/// than 20 players.
std::vector<Coalition> all_coalitions(int players);
/// `count` random coalitions; each contains each player with this probability.
std::vector<Coalition> random_coalitions(int players, int count, double probability,
                                         std::uint64_t seed);

/// The grid divided into at most `cells` blocks per side, nearly square and of nearly equal size.
/// 0: one region per patch.
Regions cell_regions(const PatchGrid& grid, int cells);

/// The context's regions if they are set, otherwise the regions of the option "cells".
Regions players_of(const ExplanationContext& context, const MethodSettings& settings);

/// All patches of the coalition's regions.
PatchSet patches_of(const Regions& regions, const Coalition& set);

/// The game of these regions. `context` and `regions` must outlive it.
ValueFunction game_of(ExplanationContext& context, const Regions& regions, Fill fill,
                      const Progress& progress);

/// Divides each region's value equally among its patches; the sum is preserved. Notes give the
/// number of regions, and the largest standard error if it is known.
Attribution attribution_of(const Regions& regions, const GameContributions& contributions);
/// The same with elsewhere = empty_value and total = full_value, for complete contributions.
Attribution complete_attribution_of(const Regions& regions, const GameContributions& contributions);

/// A method that needs only the values of coalitions.
using GameSolver = std::function<GameContributions(int players, const MethodSettings& settings,
                                                   const ValueFunction& values)>;

/// A game solver as a method for images (players are regions) and prompts (players are words).
/// `complete`: whether the contributions and empty_value should add up to full_value.
Method game_method(MethodInfo info, GameSolver solve, bool complete);

/// "cells": the argument of cell_regions.
MethodOption cells_option();
MethodOption seed_option();
/// "fill": the replacement of removed patches; the default removes their tokens.
MethodOption fill_option();
std::uint64_t seed_of(const MethodSettings& settings);
Fill fill_of(const MethodSettings& settings);

}  // namespace whyclip
