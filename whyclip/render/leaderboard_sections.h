#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/render/leaderboard.h"
#include "whyclip/render/leaderboard_ranking.h"

namespace whyclip {

/// Throws Error as render_leaderboard says.
void check_leaderboard(const Leaderboard& leaderboard);

/// Three significant digits, "0.500" or "12300" or "1.23e−07"; the minus sign is U+2212.
std::string short_number(double value);

/// "4.2" and, where it is over fewer than `all`, over how many.
std::string mean_rank_text(const MeanRank& mean, int all);

/// How good a place among `count` is: 1 for the first, 0 for the last.
double goodness(double rank, std::size_t count);

/// The best of each category beside the baselines.
std::string best_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// All rows with their mean ranks.
std::string overview_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// A table for every category.
std::string category_sections(const Leaderboard& leaderboard, const Ranking& ranking);
/// A panel for each row and kind of curve; empty without curves.
std::string curves_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// Which metrics agree; empty without any.
std::string agreement_section(const Leaderboard& leaderboard, const Ranking& ranking);

}  // namespace whyclip
