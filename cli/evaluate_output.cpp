#include "cli/evaluate_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// Metrics that the terminal has room for, one of each kind of question.
constexpr const char* kShown[] = {"srg",    "srg-mean",      "part-shapley",
                                  "energy", "pointing-game", "cascading-randomisation"};

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

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

std::string full_name(const LeaderboardRow& row) {
  return row.settings.empty() ? row.name : row.name + " " + row.settings;
}

std::string right(const std::string& text, int columns) {
  return std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ') + text;
}

}  // namespace

std::string leaderboard_text(const Leaderboard& board) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(board.headline, terminal.width)) + "\n";
  for (const std::string& note : board.notes) text += wrap("note: " + note, terminal.width) + "\n";
  const Ranking ranking = ranking_of(board);
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
  for (const std::size_t r : order_of(ranking.overall)) {
    const LeaderboardRow& row = board.rows[r];
    std::string line = pad(row.name, name_width) + right(rank_text(ranking.overall[r]), 7);
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
                    "\nplace: mean over the categories of the mean rank among all rows; every "
                    "value with its interval is in the files\n",
                    terminal.width);
}

std::vector<std::string> skipped_notes(const DatasetOmissions& skipped) {
  constexpr std::size_t kMostImages = 5;
  std::vector<std::string> notes;
  for (const DatasetRemark& remark : skipped.remarks) notes.push_back(text_of(remark));
  const std::size_t before = notes.size();
  for (const auto& [image, reason] : skipped.images) {
    if (notes.size() - before == kMostImages) {
      notes.push_back(fmt::format("Left out: {} more images; leaderboard.json lists all.",
                                  skipped.images.size() - kMostImages));
      break;
    }
    notes.push_back(fmt::format("Left out: {}: {}", image, reason));
  }
  return notes;
}

Json leaderboard_json(const Leaderboard& board, const DatasetOmissions& skipped) {
  Json columns = Json::array(), rows = Json::array(), agreement = Json::array(),
       curves = Json::array(), settings = Json::object();
  for (const LeaderboardColumn& column : board.columns) {
    columns.push_back({{"name", column.name},
                       {"category", column.category},
                       {"better", !column.ranked            ? "neither"
                                  : column.higher_is_better ? "higher"
                                                            : "lower"},
                       {"about", column.description}});
  }
  const Ranking ranking = ranking_of(board);
  for (const std::size_t r : order_of(ranking.overall)) {
    const LeaderboardRow& row = board.rows[r];
    Json metrics = Json::object();
    for (std::size_t c = 0; c < board.columns.size(); ++c) {
      const LeaderboardCell& cell = row.cells[c];
      if (!cell.value) {
        metrics[board.columns[c].name] = {{"value", nullptr}, {"why", cell.reason}};
        continue;
      }
      metrics[board.columns[c].name] = {{"value", *cell.value},
                                        {"low", json_of(cell.low)},
                                        {"high", json_of(cell.high)},
                                        {"images", cell.images}};
    }
    rows.push_back({{"method", row.name},
                    {"family", row.family},
                    {"settings", row.settings},
                    {"baseline", row.baseline},
                    {"seconds", row.seconds},
                    {"mean_rank", ranking.overall[r] ? Json(ranking.overall[r]->rank) : Json()},
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
                      {"gone", curve.fractions},
                      {"most_relevant_first", most},
                      {"least_relevant_first", least}});
  }
  for (const auto& setting : board.settings) settings[setting.first] = setting.second;
  Json remarks = Json::array(), images = Json::array();
  for (const DatasetRemark& remark : skipped.remarks) {
    remarks.push_back(
        {{"what", remark.kind}, {"count", remark.count}, {"examples", remark.examples}});
  }
  for (const auto& [image, reason] : skipped.images) {
    images.push_back({{"image", image}, {"why", reason}});
  }
  return {{"question", board.headline}, {"metrics", columns}, {"methods", rows},
          {"agreement", agreement},     {"curves", curves},   {"settings", settings},
          {"notes", board.notes},       {"remarks", remarks}, {"skipped", images}};
}

std::vector<FileToWrite> leaderboard_files(const Leaderboard& board,
                                           const DatasetOmissions& skipped,
                                           const std::filesystem::path& folder) {
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto file = [&](const char* name, std::string content) -> FileToWrite {
    return {folder / name,
            [content = std::move(content)](const auto& to) { write_file(to, content); }};
  };
  return {
      file("leaderboard.html", render_leaderboard(board)),
      file("leaderboard.csv", leaderboard_csv(board)),
      file("leaderboard.json",
           leaderboard_json(board, skipped).dump(1, ' ', false, Json::error_handler_t::replace) +
               "\n")};
}

}  // namespace whyclip::cli
