#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "whyclip/image/regions.h"
#include "whyclip/methods/method.h"
#include "whyclip/perturbation/pixel_filling.h"

// An image as a game: the players are regions of its patch grid, a set of players is worth the
// target's value with only their patches kept, the others left out or filled. Methods that only ask
// for values of sets are written for any game, so that they can be tested on games whose solution
// is known.

namespace whyclip {

/// Players by their numbers from 0, ascending.
using Coalition = std::vector<int>;

/// The values of several sets, in their order.
using ValueFunction = std::function<std::vector<double>(std::span<const Coalition>)>;

/// What a method gives to the players.
struct GameContributions {
  std::vector<double> players = {};
  double empty_value = 0;           ///< the value of the empty set, or what stands for it
  double full_value = 0;            ///< the value of the set of all
  std::vector<double> errors = {};  ///< standard errors of `players`, where the method knows them
};

/// The set of all players.
Coalition full_coalition(int players);
/// The 2^players sets: player i is in the set m if bit i of m is 1. Throws Error for more than 20.
std::vector<Coalition> all_coalitions(int players);
/// `count` sets in which each player is with this probability.
std::vector<Coalition> random_coalitions(int players, int count, double probability, std::uint64_t seed);

/// The grid cut into at most `cells` blocks a side, all of the same size or nearly: the blocks are
/// squares of the smallest side in patches that makes so few. 0: each patch on its own.
Regions cell_regions(const PatchGrid& grid, int cells);

/// The context's own regions if it has some, otherwise those that the option "cells" says.
Regions players_of(const ExplanationContext& context, const MethodSettings& settings);

/// All patches of the regions with these numbers.
PatchSet patches_of(const Regions& regions, const Coalition& set);

/// The game of these regions. Subject and regions must outlive it.
ValueFunction game_of(ExplanationContext& context, const Regions& regions, Fill fill,
                      const Progress& progress);

/// Each region's value spread evenly over its patches, so that the sum stays; notes say how many
/// regions there are, and the largest standard error if it is known.
Attribution attribution_of(const Regions& regions, const GameContributions& contributions);
/// The same with elsewhere = nobody and total = everybody, for contributions that add up.
Attribution complete_attribution_of(const Regions& regions, const GameContributions& contributions);

/// A method that asks for nothing but the values of sets.
using GameSolver = std::function<GameContributions(int players, const MethodSettings& settings,
                                                   const ValueFunction& values)>;

/// Both sides of a method that solves games: the regions of an image as players, and the words of
/// a prompt. `complete`: whether the contributions and the value of nobody should add up to
/// everybody's.
Method game_method(MethodInfo info, GameSolver solve, bool complete);

/// "cells" of cell_regions, with its default.
MethodOption cells_option();
MethodOption seed_option();
/// "fill": what stands where patches are left out; the default drops their tokens.
MethodOption fill_option();
std::uint64_t seed_of(const MethodSettings& settings);
Fill fill_of(const MethodSettings& settings);

}  // namespace whyclip
