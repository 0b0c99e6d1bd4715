#include "cli/evaluate_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// The metrics of the terminal's table, one of each kind.
constexpr const char* kShown[] = {"srg",    "srg-mean",      "part-shapley",
                                  "energy", "pointing-game", "cascading-randomisation"};

/// In brackets where it is over fewer than half of what there is.
std::string rank_text(const std::optional<MeanRank>& mean) {
  if (!mean) return "–";
  return fmt::format(mean->counts ? fmt::runtime("{:.1f}") : fmt::runtime("({:.1f})"), mean->rank);
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

std::string right(const std::string& text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + text;
}

}  // namespace

std::string evaluation_text(const Evaluation& evaluation) {
  const Leaderboard& board = evaluation.table;
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(board.headline, terminal.width)) + "\n";
  for (const std::string& note : board.notes) text += wrap("note: " + note, terminal.width) + "\n";
  const Ranking ranking = ranking_of(board);
  const std::vector<std::size_t> columns = shown_columns(board);
  int name_width = 6;
  for (const LeaderboardRow& row : board.rows) {
    name_width = std::max(name_width, columns_of(row.name));
  }
  text += "\n" + pad("method", name_width) + right("mean rank", 11);
  for (const std::size_t c : columns) {
    const LeaderboardColumn& column = board.columns[c];
    const std::string head = column.name + (!column.ranked            ? ""
                                            : column.higher_is_better ? " ↑"
                                                                      : " ↓");
    text += right(head, std::max(9, columns_of(head) + 2));
  }
  text += right("seconds", 9) + "\n";
  for (const std::size_t r : order_of(ranking.overall)) {
    const LeaderboardRow& row = board.rows[r];
    std::string line = pad(row.name, name_width) + right(rank_text(ranking.overall[r]), 11);
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
                    "\nmean rank: mean over the categories of the mean rank among all rows; every "
                    "value with its interval is in the files\n",
                    terminal.width);
}

std::vector<FileToWrite> evaluation_files(const Evaluation& evaluation,
                                          const std::filesystem::path& folder) {
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto file = [&](const char* name, std::string content) -> FileToWrite {
    return {folder / name,
            [content = std::move(content)](const auto& to) { write_file(to, content); }};
  };
  return {file("leaderboard.html", page_of(evaluation)),
          file("leaderboard.csv", leaderboard_csv(evaluation.table)),
          file("leaderboard.json", to_json(evaluation) + "\n")};
}

}  // namespace whyclip::cli
