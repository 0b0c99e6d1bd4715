#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/evaluation/leaderboard.h"

namespace whyclip {

/// Adjacent columns of one category: [first, last).
struct LeaderboardGroup {
  std::string name = {};
  std::size_t first = 0, last = 0;
  int ranked = 0;  ///< number of ranked columns
};

/// A row's mean rank.
struct MeanRank {
  double rank = 0;
  int over = 0;         ///< number of ranks in the mean
  bool counts = false;  ///< the mean is over at least half of the possible ranks
};

/// The ranks of all rows by column, by category and overall.
struct Ranking {
  std::vector<LeaderboardGroup> groups = {};
  std::vector<std::vector<std::optional<int>>> ranks = {};       ///< (columns, rows)
  std::vector<std::vector<std::optional<MeanRank>>> means = {};  ///< (groups, rows)
  /// (rows): the mean over the groups, so that all categories have equal weight.
  std::vector<std::optional<MeanRank>> overall = {};
};

/// Ranks all rows, including baselines, as ranks_in does. Throws Error as ranks_in does.
Ranking ranking_of(const Leaderboard& leaderboard);

/// Sets every row's mean rank and rank, in the order of order_of. Throws Error as ranking_of does.
void set_ranks(Leaderboard& leaderboard);

/// Row indices in order of mean rank: first the means that count, then the others, then rows
/// without mean; stable.
std::vector<std::size_t> order_of(const std::vector<std::optional<MeanRank>>& means);

}  // namespace whyclip
