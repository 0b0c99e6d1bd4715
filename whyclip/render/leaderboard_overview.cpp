#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "whyclip/render/html.h"
#include "whyclip/render/leaderboard_sections.h"

namespace whyclip {
namespace {

/// A line of the list of best methods. A longer bar is a better mean rank.
std::string best_line(const LeaderboardRow& row, const MeanRank& mean, int all, std::size_t rows) {
  const std::string over =
      mean.over == all ? "" : fmt::format(" <small>over {} of {}</small>", mean.over, all);
  return fmt::format(
      R"(<li{}><span>{}{}</span><i aria-hidden="true" style="--part:{:.4f}"></i><b>{:.1f}</b></li>)"
      "\n",
      row.baseline ? R"( class="baseline")" : "", escape_html(row.name), over,
      rank_score(mean.rank, rows), mean.rank);
}

std::string best_of(const Leaderboard& leaderboard, const LeaderboardGroup& group,
                    const std::vector<std::optional<MeanRank>>& means) {
  constexpr int kShown = 5;
  std::string best, baselines;
  int shown = 0;
  for (const std::size_t r : order_of(means)) {
    const LeaderboardRow& row = leaderboard.rows[r];
    if (!means[r]) continue;
    const std::string line = best_line(row, *means[r], group.ranked, means.size());
    if (row.baseline) {
      baselines += line;
    } else if (means[r]->counts && shown < kShown) {
      best += line;
      ++shown;
    }
  }
  return fmt::format(
      R"(<figure class="best"><figcaption>{} <small>mean rank over {} metric{}</small></figcaption>
<ol>
{}</ol>
<ul>
{}</ul></figure>
)",
      escape_html(group.name), group.ranked, group.ranked == 1 ? "" : "s", best, baselines);
}

std::string mean_cell(const std::optional<MeanRank>& mean, int all, std::size_t rows) {
  if (!mean) return R"(<td class="none">–<span class="hidden"> no ranks</span></td>)";
  const std::string value = mean->counts ? fmt::format(R"( data-v="{:.9g}")", mean->rank) : "";
  return fmt::format(R"(<td{} style="--t:{:.2f}">{}</td>)", value, rank_score(mean->rank, rows),
                     mean_rank_text(*mean, all));
}

std::string overview_row(const Leaderboard& leaderboard, const Ranking& ranking, std::size_t r,
                         int ranked_groups) {
  const LeaderboardRow& row = leaderboard.rows[r];
  const std::size_t count = leaderboard.rows.size();
  std::string cells = mean_cell(ranking.overall[r], ranked_groups, count);
  for (std::size_t g = 0; g < ranking.groups.size(); ++g) {
    if (ranking.groups[g].ranked == 0) continue;
    cells += mean_cell(ranking.means[g][r], ranking.groups[g].ranked, count);
  }
  return fmt::format(R"(<tr{}><th scope="row">{}{}</th>{}<td data-v="{:.9g}">{}</td>)"
                     R"(<td class="words">{}</td><td class="words">{}</td></tr>)"
                     "\n",
                     row.baseline ? R"( class="baseline")" : "", escape_html(row.name),
                     row.baseline ? " <small>baseline</small>" : "", cells, row.seconds,
                     short_number(row.seconds), escape_html(row.family),
                     escape_html(row.settings.empty() ? "defaults" : row.settings));
}

}  // namespace

std::string short_number(double value) {
  if (value == 0) return "0";
  constexpr int kMin = -4, kMax = 6;  // powers of ten that are written without exponent
  const std::string sign = value < 0 ? "−" : "";
  const std::string digits = fmt::format("{:.2e}", std::abs(value));
  const int power = std::atoi(digits.c_str() + digits.find('e') + 1);
  if (power < kMin || power > kMax) {
    const std::string mantissa = digits.substr(0, digits.find('e') + 1);
    return fmt::format("{}{}{}{:02}", sign, mantissa, power < 0 ? "−" : "+", std::abs(power));
  }
  return fmt::format("{}{:.{}f}", sign, std::strtod(digits.c_str(), nullptr),
                     std::max(0, 2 - power));
}

std::string best_section(const Leaderboard& leaderboard, const Ranking& ranking) {
  std::string figures;
  for (std::size_t g = 0; g < ranking.groups.size(); ++g) {
    if (ranking.groups[g].ranked == 0) continue;
    figures += best_of(leaderboard, ranking.groups[g], ranking.means[g]);
  }
  if (figures.empty()) return {};
  return fmt::format(
      R"(<section aria-labelledby="best-h"><h2 id="best-h">Best methods</h2>
<p class="lede">The five methods with the best mean rank in each category, and below them the random baselines. A longer bar is a better mean rank among {} rows.</p>
<div class="bests">
{}</div></section>)",
      leaderboard.rows.size(), figures);
}

std::string overview_section(const Leaderboard& leaderboard, const Ranking& ranking) {
  std::string heads;
  int ranked_groups = 0;
  for (const LeaderboardGroup& group : ranking.groups) {
    if (group.ranked == 0) continue;
    ++ranked_groups;
    heads += fmt::format(R"(<th scope="col" data-best="low"><span class="head">{}</span></th>)",
                         escape_html(group.name));
  }
  std::string rows;
  for (const std::size_t r : order_of(ranking.overall)) {
    rows += overview_row(leaderboard, ranking, r, ranked_groups);
  }
  return fmt::format(
      R"(<section aria-labelledby="all-h"><h2 id="all-h">All methods</h2>
<p class="lede">Mean ranks; 1 is best. “all” is the mean over the categories with equal weights.</p>
<div class="box" role="region" aria-labelledby="all-h" tabindex="0"><table class="board sortable"><thead><tr><th scope="col" data-best="text"><span class="head">method</span></th><th scope="col" data-best="low" aria-sort="ascending"><span class="head">all</span></th>{}<th scope="col" data-best="low"><span class="head">seconds per image</span></th><th scope="col" class="words" data-best="text"><span class="head">family</span></th><th scope="col" class="words"><span class="head">settings</span></th></tr></thead>
<tbody>
{}</tbody></table></div></section>)",
      heads, rows);
}

}  // namespace whyclip
