#include "whyclip/render/leaderboard_standings.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "whyclip/core/error.h"
#include "whyclip/render/leaderboard_sections.h"

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

/// The mean of what has a value, out of `all`.
std::optional<MeanPlace> mean_of(const std::vector<double>& places, int all) {
  if (places.empty()) return std::nullopt;
  MeanPlace mean{.over = int(places.size())};
  for (const double place : places) mean.place += place / double(places.size());
  mean.counts = 2 * mean.over >= all;
  return mean;
}

}  // namespace

std::vector<std::optional<int>> places_in(const Leaderboard& leaderboard, std::size_t column) {
  if (column >= leaderboard.columns.size()) {
    throw Error("leaderboard", fmt::format("there is no column {}; expected one below {}", column,
                                           leaderboard.columns.size()));
  }
  const auto value = [&](const LeaderboardRow& row) {
    return column < row.cells.size() ? row.cells[column].value : std::nullopt;
  };
  const bool higher = leaderboard.columns[column].higher_is_better;
  std::vector<std::optional<int>> places(leaderboard.rows.size());
  if (!leaderboard.columns[column].ranked) return places;
  for (std::size_t r = 0; r < places.size(); ++r) {
    const std::optional<double> own = value(leaderboard.rows[r]);
    if (!own) continue;
    places[r] = 1 + int(std::ranges::count_if(leaderboard.rows, [&](const LeaderboardRow& row) {
                  const std::optional<double> other = value(row);
                  return other && (higher ? *other > *own : *other < *own);
                }));
  }
  return places;
}

Standings standings_of(const Leaderboard& leaderboard) {
  Standings all{.groups = groups_of(leaderboard.columns)};
  for (std::size_t c = 0; c < leaderboard.columns.size(); ++c) {
    all.places.push_back(places_in(leaderboard, c));
  }
  int ranked_groups = 0;
  std::vector<std::vector<double>> over_groups(leaderboard.rows.size());
  for (const LeaderboardGroup& group : all.groups) {
    if (group.ranked > 0) ++ranked_groups;
    std::vector<std::optional<MeanPlace>>& means = all.means.emplace_back();
    for (std::size_t r = 0; r < leaderboard.rows.size(); ++r) {
      std::vector<double> places;
      for (std::size_t c = group.first; c < group.last; ++c) {
        if (all.places[c][r]) places.push_back(*all.places[c][r]);
      }
      means.push_back(mean_of(places, group.ranked));
      if (means.back() && means.back()->counts) over_groups[r].push_back(means.back()->place);
    }
  }
  for (const std::vector<double>& places : over_groups) {
    all.overall.push_back(mean_of(places, ranked_groups));
  }
  return all;
}

std::vector<std::size_t> order_of(const std::vector<std::optional<MeanPlace>>& means) {
  std::vector<std::size_t> order(means.size());
  for (std::size_t r = 0; r < order.size(); ++r) order[r] = r;
  std::ranges::stable_sort(order, std::ranges::less{}, [&](std::size_t r) {
    return std::tuple(!means[r], means[r] && !means[r]->counts, means[r] ? means[r]->place : 0);
  });
  return order;
}

std::string mean_place_text(const MeanPlace& mean, int all) {
  return mean.over == all
             ? fmt::format("{:.1f}", mean.place)
             : fmt::format("{:.1f} <small>over {} of {}</small>", mean.place, mean.over, all);
}

double goodness(double place, std::size_t count) {
  return count < 2 ? 1 : (double(count) - place) / double(count - 1);
}

}  // namespace whyclip
