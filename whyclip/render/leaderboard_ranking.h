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

/// A row's mean rank, and over how many it is.
struct MeanRank {
  double rank = 0;
  int over = 0;
  bool counts = false;  ///< over at least half of what there is
};

/// Who stands where.
struct Ranking {
  std::vector<LeaderboardGroup> groups = {};
  std::vector<std::vector<std::optional<int>>> ranks = {};       ///< (columns, rows)
  std::vector<std::vector<std::optional<MeanRank>>> means = {};  ///< (groups, rows)
  /// (rows): the mean over the groups, so that a category with many columns does not outvote
  /// others.
  std::vector<std::optional<MeanRank>> overall = {};
};

/// Baselines are among the rows; `places` as ranks_in. Throws Error as ranks_in does.
Ranking ranking_of(const Leaderboard& leaderboard);

/// Rows by mean rank: those that count, then those that do not, then those without; of equal ones
/// the first.
std::vector<std::size_t> order_of(const std::vector<std::optional<MeanRank>>& means);

}  // namespace whyclip
