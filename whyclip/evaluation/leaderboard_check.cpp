#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/evaluation/leaderboard.h"

namespace whyclip {
namespace {

void check_size(std::size_t size, std::size_t expected, std::string_view where,
                std::string_view what) {
  if (size != expected) {
    throw Error(where, fmt::format("expected {} {}, got {}", expected, what, size));
  }
}

void check_finite(double value, std::string_view where) {
  if (!std::isfinite(value))
    throw Error(where, fmt::format("expected a finite number, got {}", value));
}

void check_cell(const LeaderboardCell& cell, const std::string& where) {
  for (const std::optional<double>& number : {cell.value, cell.low, cell.high}) {
    if (number) check_finite(*number, where);
  }
  if (!cell.value && (cell.low || cell.high)) {
    throw Error(where, "expected a value with the interval, got an interval alone");
  }
  if (cell.low.has_value() != cell.high.has_value()) {
    throw Error(where, "expected both ends of the interval or none, got one");
  }
  if (cell.low && *cell.low > *cell.high) {
    throw Error(where, fmt::format("expected an interval from low to high, got {} to {}", *cell.low,
                                   *cell.high));
  }
}

void check_curve(const LeaderboardCurve& curve, const std::vector<LeaderboardRow>& rows) {
  const std::string where = "curve " + curve.name;
  for (const double fraction : curve.fractions) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw Error(where, fmt::format("expected fractions from 0 to 1, got {}", fraction));
    }
  }
  if (!std::ranges::is_sorted(curve.fractions)) {
    throw Error(where, "expected fractions in rising order");
  }
  for (const auto* lines : {&curve.most_first, &curve.least_first}) {
    check_size(lines->size(), rows.size(), where, "rows");
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::string line = where + ", " + rows[r].name;
      const std::vector<double>& values = (*lines)[r];
      if (values.empty()) continue;
      check_size(values.size(), curve.fractions.size(), line, "values");
      for (const double value : values) check_finite(value, line);
    }
  }
}

void check_agreement(const Leaderboard& leaderboard) {
  constexpr double kRounding = 1e-9;
  const std::size_t count = leaderboard.columns.size();
  if (leaderboard.agreement.empty()) return;
  check_size(leaderboard.agreement.size(), count, "agreement", "rows, one for every column");
  for (std::size_t i = 0; i < count; ++i) {
    const std::string where = "agreement, " + leaderboard.columns[i].name;
    check_size(leaderboard.agreement[i].size(), count, where, "values, one for every column");
    for (const std::optional<double>& value : leaderboard.agreement[i]) {
      if (value && !(std::abs(*value) <= 1 + kRounding)) {
        throw Error(where, fmt::format("expected a correlation from -1 to 1, got {}", *value));
      }
    }
  }
}

}  // namespace

void check_leaderboard(const Leaderboard& leaderboard) {
  for (const LeaderboardRow& row : leaderboard.rows) {
    check_size(row.cells.size(), leaderboard.columns.size(), row.name, "cells");
    check_finite(row.seconds, row.name + ", seconds");
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      check_cell(row.cells[c], row.name + ", " + leaderboard.columns[c].name);
    }
  }
  for (const LeaderboardCurve& curve : leaderboard.curves) check_curve(curve, leaderboard.rows);
  check_agreement(leaderboard);
}

}  // namespace whyclip
