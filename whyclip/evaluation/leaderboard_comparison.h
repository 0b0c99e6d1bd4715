#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/evaluation/leaderboard.h"
#include "whyclip/evaluation/leaderboard_ranking.h"

namespace whyclip {

/// A column's ranks, and what the intervals of its values say. Lists of rows are indices.
struct ColumnRanking {
  std::vector<std::optional<int>> ranks = {};  ///< (rows): from 1, baselines included
  std::vector<int> may_be_best = {};  ///< not the best, but the interval overlaps that of the best
  std::vector<int> like_random = {};  ///< the interval overlaps that of the best baseline
  std::vector<int> worse_than_random = {};  ///< the whole interval is on its worse side
};

/// Mean ranks of all rows.
struct MeanRanks {
  int possible = 0;                                 ///< number of ranks that a row can have
  std::vector<std::optional<MeanRank>> means = {};  ///< (rows)
  std::vector<int> order = {};                      ///< indices of rows, as order_of has them
};

struct CategoryRanking {
  std::string name = {};
  std::vector<int> columns = {};  ///< indices
  MeanRanks ranking = {};         ///< over the ranked columns
};

/// Ranks and their comparison, of a column, a category and over all categories.
struct LeaderboardRanking {
  std::vector<ColumnRanking> columns = {};
  std::vector<CategoryRanking> categories = {};
  MeanRanks overall = {};  ///< over the categories
};

/// Never throws Error: rows without enough cells have no ranks.
LeaderboardRanking compare_rows(const Leaderboard& leaderboard);

/// The mean over the fractions of each of a curve's lines by the trapezoidal rule; none of an empty
/// line.
std::vector<std::optional<double>> mean_heights(const std::vector<double>& fractions,
                                                const std::vector<std::vector<double>>& lines);

}  // namespace whyclip
