#include <fmt/format.h>

#include "whyclip/evaluation/leaderboard.h"

namespace whyclip {
namespace {

/// A field, in quotes if RFC 4180 requires them.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.9g}", *value) : "";
}

}  // namespace

std::string leaderboard_csv(const Leaderboard& leaderboard) {
  check_leaderboard(leaderboard);
  std::string csv = "method,family,settings,baseline,seconds";
  for (const LeaderboardColumn& column : leaderboard.columns) {
    csv += fmt::format(",{},{},{}", field(column.name), field(column.name + " low"),
                       field(column.name + " high"));
  }
  csv += "\r\n";
  for (const LeaderboardRow& row : leaderboard.rows) {
    csv += fmt::format("{},{},{},{},{:.9g}", field(row.name), field(row.family),
                       field(row.settings), row.baseline ? "yes" : "no", row.seconds);
    for (const LeaderboardCell& cell : row.cells) {
      csv += fmt::format(",{},{},{}", number(cell.value), number(cell.low), number(cell.high));
    }
    csv += "\r\n";
  }
  return csv;
}

}  // namespace whyclip
