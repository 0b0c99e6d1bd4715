#include "whyclip/evaluation/leaderboard_ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

std::vector<LeaderboardGroup> groups_of(const std::vector<LeaderboardColumn>& columns) {
  std::vector<LeaderboardGroup> groups;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (groups.empty() || groups.back().name != columns[c].category) {
      groups.push_back({.name = columns[c].category, .first = c, .last = c, .ranked = 0});
    }
    groups.back().last = c + 1;
    if (columns[c].ranked) ++groups.back().ranked;
  }
  return groups;
}

/// The mean of the ranks out of `all` possible ones.
std::optional<MeanRank> mean_of(const std::vector<double>& ranks, int all) {
  if (ranks.empty()) return std::nullopt;
  MeanRank mean{.over = int(ranks.size())};
  for (const double rank : ranks) mean.rank += rank / double(ranks.size());
  mean.counts = 2 * mean.over >= all;
  return mean;
}

}  // namespace

std::vector<std::optional<int>> ranks_in(const Leaderboard& leaderboard, std::size_t column) {
  if (column >= leaderboard.columns.size()) {
    throw Error("leaderboard", fmt::format("unknown column {}; expected one below {}", column,
                                           leaderboard.columns.size()));
  }
  const auto value = [&](const LeaderboardRow& row) {
    return column < row.cells.size() ? row.cells[column].value : std::nullopt;
  };
  const bool higher = leaderboard.columns[column].higher_is_better;
  std::vector<std::optional<int>> ranks(leaderboard.rows.size());
  if (!leaderboard.columns[column].ranked) return ranks;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    const std::optional<double> own = value(leaderboard.rows[r]);
    if (!own) continue;
    ranks[r] = 1 + int(std::ranges::count_if(leaderboard.rows, [&](const LeaderboardRow& row) {
                 const std::optional<double> other = value(row);
                 return other && (higher ? *other > *own : *other < *own);
               }));
  }
  return ranks;
}

Ranking ranking_of(const Leaderboard& leaderboard) {
  Ranking all{.groups = groups_of(leaderboard.columns)};
  for (std::size_t c = 0; c < leaderboard.columns.size(); ++c) {
    all.ranks.push_back(ranks_in(leaderboard, c));
  }
  int ranked_groups = 0;
  std::vector<std::vector<double>> over_groups(leaderboard.rows.size());
  for (const LeaderboardGroup& group : all.groups) {
    if (group.ranked > 0) ++ranked_groups;
    std::vector<std::optional<MeanRank>>& means = all.means.emplace_back();
    for (std::size_t r = 0; r < leaderboard.rows.size(); ++r) {
      std::vector<double> ranks;
      for (std::size_t c = group.first; c < group.last; ++c) {
        if (all.ranks[c][r]) ranks.push_back(*all.ranks[c][r]);
      }
      means.push_back(mean_of(ranks, group.ranked));
      if (means.back() && means.back()->counts) over_groups[r].push_back(means.back()->rank);
    }
  }
  for (const std::vector<double>& ranks : over_groups) {
    all.overall.push_back(mean_of(ranks, ranked_groups));
  }
  return all;
}

std::vector<std::size_t> order_of(const std::vector<std::optional<MeanRank>>& means) {
  std::vector<std::size_t> order(means.size());
  for (std::size_t r = 0; r < order.size(); ++r) order[r] = r;
  std::ranges::stable_sort(order, std::ranges::less{}, [&](std::size_t r) {
    return std::tuple(!means[r], means[r] && !means[r]->counts, means[r] ? means[r]->rank : 0);
  });
  return order;
}

void set_ranks(Leaderboard& leaderboard) {
  const std::vector<std::optional<MeanRank>> means = ranking_of(leaderboard).overall;
  int rank = 0;
  for (const std::size_t r : order_of(means)) {
    LeaderboardRow& row = leaderboard.rows[r];
    row.rank = ++rank;
    row.mean_rank.reset();
    if (means[r]) row.mean_rank = means[r]->rank;
  }
}

}  // namespace whyclip
