#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/render/leaderboard.h"

namespace whyclip {

/// Neighbouring columns of one category: [first, last).
struct LeaderboardGroup {
  std::string name = {};
  std::size_t first = 0, last = 0;
  int ranked = 0;  ///< of its columns
};

/// A row's mean place, and over how many it is.
struct MeanPlace {
  double place = 0;
  int over = 0;
  bool counts = false;  ///< over at least half of what there is
};

/// Who stands where.
struct Standings {
  std::vector<LeaderboardGroup> groups = {};
  std::vector<std::vector<std::optional<int>>> places = {};       ///< (columns, rows)
  std::vector<std::vector<std::optional<MeanPlace>>> means = {};  ///< (groups, rows)
  /// (rows): the mean over the groups, so that a category with many columns does not outvote
  /// others.
  std::vector<std::optional<MeanPlace>> overall = {};
};

/// Baselines are among the rows; `places` as places_in. Throws Error as places_in does.
Standings standings_of(const Leaderboard& leaderboard);

/// Rows by mean place: those that count, then those that do not, then those without; of equal ones
/// the first.
std::vector<std::size_t> order_of(const std::vector<std::optional<MeanPlace>>& means);

}  // namespace whyclip
