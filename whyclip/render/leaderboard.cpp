#include "whyclip/render/leaderboard.h"

#include <fmt/format.h>

#include <string_view>

#include "whyclip/render/html.h"
#include "whyclip/render/leaderboard_sections.h"
#include "whyclip/render/page.h"
#include "whyclip/render/report_sections.h"

extern "C" const unsigned char whyclip_leaderboard_html[];
extern "C" const unsigned long whyclip_leaderboard_html_size;
extern "C" const unsigned char whyclip_leaderboard_css[];
extern "C" const unsigned long whyclip_leaderboard_css_size;
extern "C" const unsigned char whyclip_leaderboard_js[];
extern "C" const unsigned long whyclip_leaderboard_js_size;

namespace whyclip {
namespace {

std::string nav_link(const std::string& id, const std::string& name) {
  return fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, name);
}

std::string navigation(const Leaderboard& leaderboard, const Ranking& ranking) {
  std::string links = nav_link("all-h", "All methods");
  for (std::size_t g = 0; g < ranking.groups.size(); ++g) {
    links += nav_link(fmt::format("category-{}", g), escape_html(ranking.groups[g].name));
  }
  if (!leaderboard.curves.empty()) links += nav_link("curves-h", "Curves");
  if (!leaderboard.agreement.empty()) links += nav_link("agreement-h", "Which metrics agree");
  if (!leaderboard.settings.empty()) links += nav_link("settings-h", "Settings");
  return links + nav_link("reading-h", "How to read it");
}

}  // namespace

std::string render_leaderboard(const Leaderboard& leaderboard) {
  check_leaderboard(leaderboard);
  const Ranking ranking = ranking_of(leaderboard);
  Report texts;  // input of the sections that all pages have
  texts.notes = leaderboard.notes;
  texts.settings = leaderboard.settings;
  const std::string main =
      fill_template(embedded_text(whyclip_leaderboard_html, whyclip_leaderboard_html_size),
                    {{"headline", escape_html(leaderboard.headline)},
                     {"notes", notes_section(texts)},
                     {"navigation", navigation(leaderboard, ranking)},
                     {"best", best_section(leaderboard, ranking)},
                     {"overview", overview_section(leaderboard, ranking)},
                     {"categories", category_sections(leaderboard, ranking)},
                     {"curves", curves_section(leaderboard, ranking)},
                     {"agreement", agreement_section(leaderboard, ranking)},
                     {"settings", settings_section(texts)}});
  const std::string script =
      fmt::format("<script>\n{}</script>\n",
                  embedded_text(whyclip_leaderboard_js, whyclip_leaderboard_js_size));
  return html_page({.title = escape_html(leaderboard.title),
                    .css = embedded_text(whyclip_leaderboard_css, whyclip_leaderboard_css_size),
                    .main = main,
                    .scripts = script});
}

}  // namespace whyclip
