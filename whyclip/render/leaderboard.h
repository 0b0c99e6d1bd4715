#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace whyclip {

/// A metric's column.
struct LeaderboardColumn {
  std::string name = {};      ///< "insertion"
  std::string category = {};  ///< "faithfulness"; neighbours of one category stand under one head
  std::string description = {};  ///< one line: what is measured, and by which protocol
  bool higher_is_better = true;
  bool ranked = true;  ///< whether a better value means a better map
};

/// A mean over images with its interval of confidence, or why there is none.
struct LeaderboardCell {
  std::optional<double> value = {}, low = {}, high = {};
  int images = 0;
  std::string reason = {};  ///< there is no value: "its values have no unit"
};

struct LeaderboardRow {
  std::string name = {};                    ///< "rise"
  std::string family = {};                  ///< "perturbation"
  std::string settings = {};                ///< "masks=300"; empty: the defaults
  bool baseline = false;                    ///< a random map: what every method must beat
  double seconds = 0;                       ///< an image
  std::vector<LeaderboardCell> cells = {};  ///< by column
};

/// Mean curves of all rows: what the target keeps while patches go.
struct LeaderboardCurve {
  std::string name = {};           ///< "by leaving tokens out"
  std::vector<double> ranks = {};  ///< parts of the patches that are gone, 0 to 1
  /// By row; empty where a row has none. Most relevant first, least relevant first.
  std::vector<std::vector<double>> most_first = {}, least_first = {};
};

struct Leaderboard {
  std::string title = {};     ///< of the browser's tab
  std::string headline = {};  ///< the headline
  std::vector<LeaderboardColumn> columns = {};
  std::vector<LeaderboardRow> rows = {};
  std::vector<LeaderboardCurve> curves = {};
  /// (columns, columns): rank correlation of two metrics' verdicts on the methods, where both have
  /// one; may be empty.
  std::vector<std::vector<std::optional<double>>> agreement = {};
  std::vector<std::pair<std::string, std::string>> settings = {};
  std::vector<std::string> notes = {};  ///< cautions, what is not finished
};

/// Places from 1 of the rows in a column, baselines among them, equal values sharing the best
/// place; none where a row has no value, or the column is not ranked. Throws Error for a column
/// that there is not.
std::vector<std::optional<int>> ranks_in(const Leaderboard& leaderboard, std::size_t column);

/// A self-contained HTML page (UTF-8): no other file, no network, the same bytes for the same
/// content; without JavaScript everything is there, with it the table can be sorted. Every text may
/// be hostile; it is escaped. Throws Error for rows, curves or agreement that do not fit the
/// columns and rows, for numbers that are not finite, intervals that have no value, one end or lie
/// upside down, places of curves that are not rising from 0 to 1, and agreement beyond −1 to 1.
std::string render_leaderboard(const Leaderboard& leaderboard);

/// The table, one line a row: method, family, settings, baseline (yes or no), seconds, and three
/// columns a metric (value, low, high), as RFC 4180 has it, names with commas or quotes quoted and
/// lines ended by CR LF. Throws Error as render_leaderboard does.
std::string leaderboard_csv(const Leaderboard& leaderboard);

}  // namespace whyclip
