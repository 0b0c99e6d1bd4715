#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace whyclip {

/// A metric's column.
struct LeaderboardColumn {
  std::string name = {};         ///< "insertion"
  std::string category = {};     ///< "faithfulness"; adjacent columns of one category form a group
  std::string description = {};  ///< one line: the metric and its protocol
  bool higher_is_better = true;
  bool ranked = true;  ///< whether a better value means a better map
};

/// A mean over images with its confidence interval, or the reason that there is none.
struct LeaderboardCell {
  std::optional<double> value = {}, low = {}, high = {};
  int images = 0;
  std::string reason = {};  ///< if there is no value: "its values have no unit"
};

struct LeaderboardRow {
  std::string name = {};                    ///< "rise"
  std::string family = {};                  ///< "perturbation"
  std::string settings = {};                ///< "masks=300"; empty: the defaults
  bool baseline = false;                    ///< a random map
  double seconds = 0;                       ///< per image
  std::vector<LeaderboardCell> cells = {};  ///< by column
  std::optional<double> mean_rank = {};     ///< over the categories; set by set_ranks
  int rank = 0;                             ///< by the mean rank, from 1; set by set_ranks
};

/// Mean removal curves of all rows: the target's value by the fraction of removed patches.
struct LeaderboardCurve {
  std::string name = {};               ///< of the fill: "token removal"
  std::vector<double> fractions = {};  ///< fractions of removed patches, rising from 0 to 1
  /// By row, empty if a row has none: most relevant patches first, least relevant first.
  std::vector<std::vector<double>> most_first = {}, least_first = {};
};

struct Leaderboard {
  std::string title = {};     ///< of the browser tab
  std::string headline = {};  ///< of the page
  std::vector<LeaderboardColumn> columns = {};
  std::vector<LeaderboardRow> rows = {};
  std::vector<LeaderboardCurve> curves = {};
  /// (columns, columns): rank correlation of two metrics over the methods that have both; may be
  /// empty.
  std::vector<std::vector<std::optional<double>>> agreement = {};
  std::vector<std::pair<std::string, std::string>> settings = {};
  std::vector<std::string> notes = {};  ///< warnings, unfinished results
};

/// Ranks of the rows in a column from 1, including baselines; equal values share the best rank.
/// nullopt for a row without value and in a column that is not ranked. Throws Error for an unknown
/// column.
std::vector<std::optional<int>> ranks_in(const Leaderboard& leaderboard, std::size_t column);

/// Throws Error if rows, curves or agreement do not fit the columns and rows, if a number is not
/// finite, if an interval has no value, one end only or low > high, if a curve's fractions do not
/// rise from 0 to 1, and if an agreement is outside of −1 to 1.
void check_leaderboard(const Leaderboard& leaderboard);

/// The table as CSV (RFC 4180), one line per row: method, family, settings, baseline (yes or no),
/// seconds, and three columns per metric (value, low, high). Throws Error as
/// check_leaderboard does.
std::string leaderboard_csv(const Leaderboard& leaderboard);

}  // namespace whyclip
