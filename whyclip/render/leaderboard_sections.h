#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/render/leaderboard.h"
#include "whyclip/render/leaderboard_ranking.h"

namespace whyclip {

/// Throws Error as render_leaderboard does.
void check_leaderboard(const Leaderboard& leaderboard);

/// Three significant digits, "0.500" or "12300" or "1.23e−07"; the minus sign is U+2212.
std::string short_number(double value);

/// "4.2", or "4.2 over 3 of 5" (as HTML) if the mean is over fewer than `all` ranks.
std::string mean_rank_text(const MeanRank& mean, int all);

/// A rank among `count` mapped to [0, 1]: 1 for the first, 0 for the last.
double rank_score(double rank, std::size_t count);

/// The best methods of each category and the baselines.
std::string best_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// All rows with their mean ranks.
std::string overview_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// A table for every category.
std::string category_sections(const Leaderboard& leaderboard, const Ranking& ranking);
/// A panel for each row and curve; empty without curves.
std::string curves_section(const Leaderboard& leaderboard, const Ranking& ranking);
/// The agreement of the metrics; empty without agreement.
std::string agreement_section(const Leaderboard& leaderboard, const Ranking& ranking);

}  // namespace whyclip
