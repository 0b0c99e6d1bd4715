#include "cli/evaluate_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// Metrics that the terminal has room for, one of each kind of question.
constexpr const char* kShown[] = {"srg",    "srg-mean",      "part-shapley",
                                  "energy", "pointing-game", "cascading-randomisation"};

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// Mean place over categories, each the mean over its ranked columns; none without a place.
std::optional<double> mean_place(const Leaderboard& board,
                                 const std::vector<std::vector<std::optional<int>>>& places,
                                 std::size_t row) {
  std::map<std::string, std::pair<double, int>> categories;
  for (std::size_t c = 0; c < board.columns.size(); ++c) {
    if (!places[c][row]) continue;
    auto& [sum, count] = categories[board.columns[c].category];
    sum += *places[c][row];
    ++count;
  }
  if (categories.empty()) return {};
  double sum = 0;
  for (const auto& entry : categories) sum += entry.second.first / entry.second.second;
  return sum / double(categories.size());
}

std::vector<std::optional<double>> mean_places(const Leaderboard& board) {
  std::vector<std::vector<std::optional<int>>> places;
  for (std::size_t c = 0; c < board.columns.size(); ++c) places.push_back(places_in(board, c));
  std::vector<std::optional<double>> means;
  for (std::size_t r = 0; r < board.rows.size(); ++r) means.push_back(mean_place(board, places, r));
  return means;
}

std::vector<std::size_t> shown_columns(const Leaderboard& board) {
  constexpr std::size_t kMost = 6;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < board.columns.size(); ++c) {
    const std::string& name = board.columns[c].name;
    if (std::ranges::find(kShown, name) != std::end(kShown)) columns.push_back(c);
  }
  for (std::size_t c = 0; c < board.columns.size() && columns.size() < kMost; ++c) {
    if (std::ranges::find(columns, c) == columns.end()) columns.push_back(c);
  }
  return columns;
}

std::string full_name(const LeaderboardRow& row) {
  return row.settings.empty() ? row.name : row.name + " " + row.settings;
}

std::string right(const std::string& text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + text;
}

}  // namespace

std::vector<std::size_t> best_first(const Leaderboard& board) {
  const std::vector<std::optional<double>> means = mean_places(board);
  std::vector<std::size_t> order;
  for (std::size_t r = 0; r < board.rows.size(); ++r) order.push_back(r);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return means[a].value_or(1e9) < means[b].value_or(1e9);
  });
  return order;
}

std::string leaderboard_text(const Leaderboard& board) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(board.question, terminal.width)) + "\n";
  for (const std::string& note : board.notes) text += wrap("note: " + note, terminal.width) + "\n";
  const std::vector<std::optional<double>> means = mean_places(board);
  const std::vector<std::size_t> columns = shown_columns(board);
  int name_width = 6;
  for (const LeaderboardRow& row : board.rows) {
    name_width = std::max(name_width, columns_of(row.name));
  }
  text += "\n" + pad("method", name_width) + right("place", 7);
  for (const std::size_t c : columns) {
    const LeaderboardColumn& column = board.columns[c];
    const std::string head = column.name + (!column.ranked            ? ""
                                            : column.higher_is_better ? " ↑"
                                                                      : " ↓");
    text += right(head, std::max(9, columns_of(head) + 2));
  }
  text += right("seconds", 9) + "\n";
  for (const std::size_t r : best_first(board)) {
    const LeaderboardRow& row = board.rows[r];
    std::string line =
        pad(row.name, name_width) + right(means[r] ? fmt::format("{:.1f}", *means[r]) : "–", 7);
    for (const std::size_t c : columns) {
      const LeaderboardColumn& column = board.columns[c];
      const int width = std::max(9, columns_of(column.name) + (column.ranked ? 2 : 0) + 2);
      const auto& value = row.cells[c].value;
      line += right(value ? fmt::format("{:.3f}", *value) : "–", width);
    }
    line += right(fmt::format("{:.3f}", row.seconds), 9);
    text += (row.baseline ? terminal.dim(line) : line) + "\n";
  }
  return text + wrap(
                    "\nplace: mean over the categories of the mean place among all rows; every "
                    "value with its interval is in the files\n",
                    terminal.width);
}

Json leaderboard_json(const Leaderboard& board) {
  Json columns = Json::array(), rows = Json::array(), agreement = Json::array(),
       curves = Json::array(), settings = Json::object();
  for (const LeaderboardColumn& column : board.columns) {
    columns.push_back({{"name", column.name},
                       {"category", column.category},
                       {"better", !column.ranked            ? "neither"
                                  : column.higher_is_better ? "higher"
                                                            : "lower"},
                       {"about", column.about}});
  }
  const std::vector<std::optional<double>> means = mean_places(board);
  for (const std::size_t r : best_first(board)) {
    const LeaderboardRow& row = board.rows[r];
    Json metrics = Json::object();
    for (std::size_t c = 0; c < board.columns.size(); ++c) {
      const LeaderboardCell& cell = row.cells[c];
      if (!cell.value) {
        metrics[board.columns[c].name] = {{"value", nullptr}, {"why", cell.why}};
        continue;
      }
      metrics[board.columns[c].name] = {{"value", *cell.value},
                                        {"low", json_of(cell.low)},
                                        {"high", json_of(cell.high)},
                                        {"pictures", cell.pictures}};
    }
    rows.push_back({{"method", row.name},
                    {"family", row.family},
                    {"settings", row.settings},
                    {"baseline", row.baseline},
                    {"seconds", row.seconds},
                    {"mean_place", json_of(means[r])},
                    {"metrics", metrics}});
  }
  for (const auto& row : board.agreement) {
    agreement.push_back(Json::array());
    for (const auto& value : row) agreement.back().push_back(json_of(value));
  }
  for (const LeaderboardCurve& curve : board.curves) {
    Json most = Json::object(), least = Json::object();
    for (std::size_t r = 0; r < board.rows.size(); ++r) {
      if (curve.most_first[r].empty()) continue;
      most[full_name(board.rows[r])] = curve.most_first[r];
      least[full_name(board.rows[r])] = curve.least_first[r];
    }
    curves.push_back({{"name", curve.name},
                      {"gone", curve.places},
                      {"most_relevant_first", most},
                      {"least_relevant_first", least}});
  }
  for (const auto& setting : board.settings) settings[setting.first] = setting.second;
  return {{"question", board.question}, {"metrics", columns}, {"methods", rows},
          {"agreement", agreement},     {"curves", curves},   {"settings", settings},
          {"notes", board.notes}};
}

std::vector<FileToWrite> leaderboard_files(const Leaderboard& board,
                                           const std::filesystem::path& folder) {
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto file = [&](const char* name, std::string content) -> FileToWrite {
    return {folder / name,
            [content = std::move(content)](const auto& to) { write_file(to, content); }};
  };
  return {file("leaderboard.html", render_leaderboard(board)),
          file("leaderboard.csv", leaderboard_csv(board)),
          file("leaderboard.json",
               leaderboard_json(board).dump(1, ' ', false, Json::error_handler_t::replace) + "\n")};
}

}  // namespace whyclip::cli
