#include <fmt/format.h>

#include <algorithm>

#include "whyclip/render/html.h"
#include "whyclip/render/leaderboard_sections.h"

namespace whyclip {
namespace {

struct Interval {
  double low = 0, high = 0;

  bool overlaps(const Interval& other) const { return low <= other.high && other.low <= high; }
};

/// The interval of a cell with a value.
Interval interval_of(const LeaderboardCell& cell) {
  return {.low = cell.low.value_or(*cell.value), .high = cell.high.value_or(*cell.value)};
}

/// The values that the cells of a column are compared with.
struct ColumnReference {
  std::optional<Interval> best = {}, random = {};  ///< in a ranked column
  std::size_t ranked_rows = 0;                     ///< number of rows with a rank
  int images = 0;                                  ///< the largest number of images of a cell
};

ColumnReference reference_of(const Leaderboard& leaderboard, const Ranking& ranking,
                             std::size_t column) {
  ColumnReference reference;
  int random_rank = 0;
  for (std::size_t r = 0; r < leaderboard.rows.size(); ++r) {
    const LeaderboardCell& cell = leaderboard.rows[r].cells[column];
    if (cell.value) reference.images = std::max(reference.images, cell.images);
    const std::optional<int> rank = ranking.ranks[column][r];
    if (!rank) continue;
    ++reference.ranked_rows;
    if (*rank == 1) reference.best = interval_of(cell);
    if (leaderboard.rows[r].baseline && (random_rank == 0 || *rank < random_rank)) {
      random_rank = *rank;
      reference.random = interval_of(cell);
    }
  }
  return reference;
}

/// The comparison of a cell with random maps, as a symbol and in words; empty if it is better.
std::string_view random_mark(const Interval& own, const ColumnReference& reference, bool higher) {
  if (!reference.random) return "";
  if (own.overlaps(*reference.random)) {
    return R"(<em>≈</em><span class="hidden"> not distinguishable from random</span>)";
  }
  const bool worse = higher ? own.high < reference.random->low : own.low > reference.random->high;
  return worse ? R"(<em class="worse">▼</em><span class="hidden"> worse than random</span>)" : "";
}

std::string value_text(const LeaderboardCell& cell, std::optional<int> rank,
                       const ColumnReference& reference) {
  const std::string number = short_number(*cell.value);
  if (rank == 1) return fmt::format("<b>{}</b>", number);
  if (rank && reference.best && interval_of(cell).overlaps(*reference.best)) {
    return fmt::format(
        R"(<span class="near">{}</span><span class="hidden"> may be the best</span>)", number);
  }
  return fmt::format("<span>{}</span>", number);
}

std::string none_cell(const std::string& reason) {
  const std::string text = escape_html(reason.empty() ? "no value" : reason);
  return fmt::format(
      R"(<td class="none" title="{0}"><span aria-hidden="true">–</span><span class="hidden">none: {0}</span></td>)",
      text);
}

std::string value_cell(const Leaderboard& leaderboard, const ColumnReference& reference,
                       std::size_t row, std::size_t column, std::optional<int> rank) {
  const LeaderboardCell& cell = leaderboard.rows[row].cells[column];
  if (!cell.value) return none_cell(cell.reason);
  std::string under, tint, rank_text, sign;
  if (cell.low) {
    under =
        fmt::format("<small>{} … {}</small>", short_number(*cell.low), short_number(*cell.high));
  }
  if (cell.images < reference.images) {
    under += fmt::format("<small>{} image{}</small>", cell.images, cell.images == 1 ? "" : "s");
  }
  if (rank) {
    tint = fmt::format(R"( style="--t:{:.2f}")", rank_score(*rank, reference.ranked_rows));
    rank_text = fmt::format(R"(<i><span class="hidden">rank </span>{}</i>)", *rank);
    if (!leaderboard.rows[row].baseline) {
      sign =
          random_mark(interval_of(cell), reference, leaderboard.columns[column].higher_is_better);
    }
  }
  return fmt::format(R"(<td data-v="{:.9g}"{}>{}{}{}{}</td>)", *cell.value, tint, rank_text, sign,
                     value_text(cell, rank, reference), under);
}

std::string mean_cell(const std::optional<MeanRank>& mean, int all) {
  if (!mean) return R"(<td class="none mean">–<span class="hidden"> no ranks</span></td>)";
  return fmt::format(R"(<td class="mean"{}>{}</td>)",
                     mean->counts ? fmt::format(R"( data-v="{:.9g}")", mean->rank) : "",
                     mean_rank_text(*mean, all));
}

std::string column_head(const LeaderboardColumn& column) {
  const std::string_view arrow =
      column.higher_is_better
          ? R"(<span aria-hidden="true">↑</span><span class="hidden"> higher is better</span>)"
          : R"(<span aria-hidden="true">↓</span><span class="hidden"> lower is better</span>)";
  return fmt::format(
      R"(<th scope="col" data-best="{}" title="{}"><span class="head">{}&nbsp;{}</span></th>)",
      column.ranked && !column.higher_is_better ? "low" : "high", escape_html(column.description),
      escape_html(column.name), column.ranked ? arrow : R"(<small>not ranked</small>)");
}

std::string definitions(const Leaderboard& leaderboard, const LeaderboardGroup& group) {
  std::string list;
  for (std::size_t c = group.first; c < group.last; ++c) {
    const LeaderboardColumn& column = leaderboard.columns[c];
    const std::string_view direction = !column.ranked            ? "not ranked"
                                       : column.higher_is_better ? "↑ higher is better"
                                                                 : "↓ lower is better";
    list += fmt::format("<div><dt>{} <small>{}</small></dt><dd>{}</dd></div>\n",
                        escape_html(column.name), direction, escape_html(column.description));
  }
  return fmt::format("<dl class=\"definitions\">\n{}</dl>", list);
}

/// The legend of the symbols in a table with ranks.
constexpr std::string_view kMarks =
    R"(<p class="lede marks">The rank is on the left; <b>best</b>, <span class="near">may be the best</span>, )"
    R"(<em>≈</em>not distinguishable from random, <em class="worse">▼</em>worse than random. )"
    R"(<a href="#reading-h">More</a></p>
)";

std::string category_section(const Leaderboard& leaderboard, const Ranking& ranking,
                             std::size_t g) {
  const LeaderboardGroup& group = ranking.groups[g];
  std::vector<ColumnReference> references;
  std::string heads;
  if (group.ranked > 0) {
    heads =
        R"(<th scope="col" data-best="low" aria-sort="ascending"><span class="head">mean rank</span></th>)";
  }
  for (std::size_t c = group.first; c < group.last; ++c) {
    references.push_back(reference_of(leaderboard, ranking, c));
    heads += column_head(leaderboard.columns[c]);
  }
  std::string rows;
  for (const std::size_t r : order_of(ranking.means[g])) {
    const LeaderboardRow& row = leaderboard.rows[r];
    std::string cells =
        group.ranked > 0 ? mean_cell(ranking.means[g][r], group.ranked) : std::string();
    for (std::size_t c = group.first; c < group.last; ++c) {
      cells += value_cell(leaderboard, references[c - group.first], r, c, ranking.ranks[c][r]);
    }
    rows += fmt::format("<tr{}><th scope=\"row\">{}{}</th>{}</tr>\n",
                        row.baseline ? R"( class="baseline")" : "", escape_html(row.name),
                        row.baseline ? " <small>baseline</small>" : "", cells);
  }
  return fmt::format(
      R"(<section aria-labelledby="category-{0}"><h2 id="category-{0}">{1}</h2>
{5}<div class="box" role="region" aria-labelledby="category-{0}" tabindex="0"><table class="board sortable"><thead><tr><th scope="col" data-best="text"><span class="head">method</span></th>{2}</tr></thead>
<tbody>
{3}</tbody></table></div>
{4}</section>
)",
      g, escape_html(group.name), heads, rows, definitions(leaderboard, group),
      group.ranked > 0 ? kMarks : "");
}

}  // namespace

std::string category_sections(const Leaderboard& leaderboard, const Ranking& ranking) {
  std::string sections;
  for (std::size_t g = 0; g < ranking.groups.size(); ++g) {
    sections += category_section(leaderboard, ranking, g);
  }
  return sections;
}

}  // namespace whyclip
