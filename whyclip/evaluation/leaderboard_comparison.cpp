#include "whyclip/evaluation/leaderboard_comparison.h"

#include <algorithm>

namespace whyclip {
namespace {

struct Bounds {
  double low = 0, high = 0;
};

bool overlap(const Bounds& a, const Bounds& b) { return a.low <= b.high && b.low <= a.high; }

/// The interval of a cell with a value.
Bounds bounds_of(const LeaderboardCell& cell) {
  return {.low = cell.low.value_or(*cell.value), .high = cell.high.value_or(*cell.value)};
}

/// The row with the best rank, of all rows or of the baselines.
std::optional<std::size_t> first_row(const Leaderboard& leaderboard,
                                     const std::vector<std::optional<int>>& ranks,
                                     bool baselines_only) {
  std::optional<std::size_t> first;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    if (!ranks[r] || (baselines_only && !leaderboard.rows[r].baseline)) continue;
    if (!first || *ranks[r] < *ranks[*first]) first = r;
  }
  return first;
}

ColumnRanking compare_column(const Leaderboard& leaderboard, std::size_t column,
                             const std::vector<std::optional<int>>& ranks) {
  ColumnRanking result{.ranks = ranks};
  const std::optional<std::size_t> best = first_row(leaderboard, ranks, false);
  const std::optional<std::size_t> random = first_row(leaderboard, ranks, true);
  const auto bounds = [&](std::size_t r) { return bounds_of(leaderboard.rows[r].cells[column]); };
  const bool higher = leaderboard.columns[column].higher_is_better;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    if (!ranks[r]) continue;
    const Bounds own = bounds(r);
    if (*ranks[r] > 1 && overlap(own, bounds(*best))) result.may_be_best.push_back(int(r));
    if (leaderboard.rows[r].baseline || !random) continue;
    const Bounds chance = bounds(*random);
    if (overlap(own, chance)) {
      result.like_random.push_back(int(r));
    } else if (higher ? own.high < chance.low : own.low > chance.high) {
      result.worse_than_random.push_back(int(r));
    }
  }
  return result;
}

MeanRanks mean_ranks(int possible, const std::vector<std::optional<MeanRank>>& means) {
  MeanRanks result{.possible = possible, .means = means};
  for (const std::size_t row : order_of(means)) result.order.push_back(int(row));
  return result;
}

}  // namespace

LeaderboardRanking compare_rows(const Leaderboard& leaderboard) {
  const Ranking ranking = ranking_of(leaderboard);
  LeaderboardRanking result;
  for (std::size_t c = 0; c < ranking.ranks.size(); ++c) {
    result.columns.push_back(compare_column(leaderboard, c, ranking.ranks[c]));
  }
  int ranked_categories = 0;
  for (std::size_t g = 0; g < ranking.groups.size(); ++g) {
    const LeaderboardGroup& group = ranking.groups[g];
    CategoryRanking& category = result.categories.emplace_back();
    category.name = group.name;
    for (std::size_t c = group.first; c < group.last; ++c) category.columns.push_back(int(c));
    category.ranking = mean_ranks(group.ranked, ranking.means[g]);
    if (group.ranked > 0) ++ranked_categories;
  }
  result.overall = mean_ranks(ranked_categories, ranking.overall);
  return result;
}

std::vector<std::optional<double>> mean_heights(const std::vector<double>& fractions,
                                                const std::vector<std::vector<double>>& lines) {
  std::vector<std::optional<double>> heights;
  for (const std::vector<double>& line : lines) {
    std::optional<double>& height = heights.emplace_back();
    if (line.empty() || line.size() != fractions.size()) continue;
    double area = 0;
    for (std::size_t i = 1; i < line.size(); ++i) {
      area += (fractions[i] - fractions[i - 1]) * (line[i] + line[i - 1]) / 2;
    }
    const double width = fractions.back() - fractions.front();
    height = width > 0 ? area / width : line.front();
  }
  return heights;
}

}  // namespace whyclip
