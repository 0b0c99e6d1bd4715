#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/render/html.h"
#include "whyclip/render/leaderboard_sections.h"

namespace whyclip {
namespace {

struct Pair {
  std::size_t first = 0, second = 0;
  double value = 0;
};

/// Every pair of columns once, in order of rising agreement.
std::vector<Pair> pairs_of(const Leaderboard& leaderboard) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < leaderboard.columns.size(); ++i) {
    for (std::size_t j = i + 1; j < leaderboard.columns.size(); ++j) {
      const std::optional<double> value = leaderboard.agreement[i][j];
      if (value) pairs.push_back({.first = i, .second = j, .value = *value});
    }
  }
  std::ranges::stable_sort(pairs, std::ranges::less{}, &Pair::value);
  return pairs;
}

std::string pair_list(const Leaderboard& leaderboard, std::string_view heading,
                      const std::vector<Pair>& pairs) {
  std::string rows;
  for (const Pair& pair : pairs) {
    rows +=
        fmt::format("<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td></tr>\n",
                    escape_html(leaderboard.columns[pair.first].name),
                    escape_html(leaderboard.columns[pair.second].name), short_number(pair.value));
  }
  return fmt::format("<table class=\"pairs\"><caption>{}</caption><tbody>\n{}</tbody></table>\n",
                     heading, rows);
}

/// The pairs with the least and the most agreement.
std::string extremes(const Leaderboard& leaderboard) {
  constexpr std::size_t kShown = 6;
  const std::vector<Pair> pairs = pairs_of(leaderboard);
  const std::size_t shown = std::min(kShown, pairs.size());
  const std::vector<Pair> least(pairs.begin(), pairs.begin() + std::ptrdiff_t(shown));
  const std::vector<Pair> most(pairs.rbegin(), pairs.rbegin() + std::ptrdiff_t(shown));
  return pair_list(leaderboard, "Least agreement", least) +
         pair_list(leaderboard, "Most agreement", most);
}

bool begins_group(const Ranking& ranking, std::size_t column) {
  return std::ranges::any_of(ranking.groups,
                             [&](const LeaderboardGroup& group) { return group.first == column; });
}

std::string agreement_cell(const std::optional<double>& value, const std::string& pair,
                           const std::string& kind) {
  if (!value) {
    return fmt::format(R"(<td class="none{}" title="{}: none">·</td>)", kind, pair);
  }
  constexpr double kHundredths = 100;
  const long hundredths = std::lround(kHundredths * *value);
  return fmt::format(R"(<td class="{}{}" style="--a:{:.2f}" title="{}: {}">{}{}</td>)",
                     *value < 0 ? "against" : "with", kind, std::min(1.0, std::abs(*value)), pair,
                     short_number(*value), hundredths < 0 ? "−" : "", std::abs(hundredths));
}

std::string matrix(const Leaderboard& leaderboard, const Ranking& ranking) {
  const std::size_t count = leaderboard.columns.size();
  std::string heads, rows;
  std::vector<std::string> names, kinds;
  for (std::size_t c = 0; c < count; ++c) {
    names.push_back(escape_html(leaderboard.columns[c].name));
    kinds.emplace_back(begins_group(ranking, c) ? " begins" : "");
    heads +=
        fmt::format(R"(<th scope="col" class="turned{}" title="{}, {}"><span>{}</span></th>)",
                    kinds[c], names[c], escape_html(leaderboard.columns[c].category), names[c]);
  }
  for (std::size_t r = 0; r < count; ++r) {
    rows += fmt::format(R"(<tr class="{}"><th scope="row" title="{}, {}"><span>{}</span></th>)",
                        begins_group(ranking, r) ? "begins" : "goes-on", names[r],
                        escape_html(leaderboard.columns[r].category), names[r]);
    for (std::size_t c = 0; c < count; ++c) {
      rows += agreement_cell(leaderboard.agreement[r][c], names[r] + ", " + names[c], kinds[c]);
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      R"(<table class="agreement"><thead><tr><td></td>{}</tr></thead>
<tbody>
{}</tbody></table>)",
      heads, rows);
}

}  // namespace

std::string agreement_section(const Leaderboard& leaderboard, const Ranking& ranking) {
  if (leaderboard.agreement.empty()) return {};
  return fmt::format(
      R"(<section aria-labelledby="agreement-h"><h2 id="agreement-h">Which metrics agree</h2>
<p class="lede">Rank correlation of two metrics over the methods: 1 if they rank the methods in the same order, 0 if their rankings are unrelated, −1 if they rank them in the opposite order.</p>
<div class="extremes">
{}</div>
<p class="lede">All pairs, in hundredths (87 is 0.87). Red is agreement, blue with a minus sign is disagreement; the lines separate the categories.</p>
<div class="box" role="region" aria-labelledby="agreement-h" tabindex="0">{}</div></section>)",
      extremes(leaderboard), matrix(leaderboard, ranking));
}

}  // namespace whyclip
