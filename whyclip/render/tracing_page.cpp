#include "whyclip/render/tracing_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/render/grid_sampler.h"
#include "whyclip/render/html.h"
#include "whyclip/render/line_chart.h"
#include "whyclip/render/page.h"
#include "whyclip/render/report_sections.h"

extern "C" const unsigned char whyclip_tracing_html[];
extern "C" const unsigned long whyclip_tracing_html_size;
extern "C" const unsigned char whyclip_tracing_css[];
extern "C" const unsigned long whyclip_tracing_css_size;

namespace whyclip {
namespace {

constexpr std::size_t kMaxVariants = 3;  // the number of styles

/// The last variant always has the same style.
std::string style_of(const TracingPage& page, std::size_t variant) {
  return fmt::format("variant variant-{}", kMaxVariants - page.variants.size() + variant);
}

void check(const TracingPage& page) {
  if (page.variants.size() > kMaxVariants) {
    throw Error("tracing page", fmt::format("expected at most {} variants, got {}", kMaxVariants,
                                            page.variants.size()));
  }
  for (const TracingPageMap& map : page.maps) check_map(page.source, page.grid, map.values);
  check_number(page.target, "the target");
  for (const TracingPageVariant& variant : page.variants) {
    if (variant.layers.size() != page.layers.size()) {
      throw Error(variant.name, fmt::format("expected {} layers, got {}", page.layers.size(),
                                            variant.layers.size()));
    }
    if (!variant.contributions.empty() && variant.contributions.size() != page.rows.size()) {
      throw Error(variant.name, fmt::format("expected {} contributions, got {}", page.rows.size(),
                                            variant.contributions.size()));
    }
    for (const double contribution : variant.contributions)
      check_number(contribution, variant.name);
  }
}

std::string common_and_own(std::string_view common, std::string_view own) {
  return fmt::format(R"(<span class="common">{}</span><span class="own">{}</span>)", common, own);
}

std::string map_figure(const TracingPage& page, const TracingPageMap& map, double common) {
  Report at_common;
  at_common.source = page.source;
  at_common.grid = page.grid;
  at_common.values = map.values;
  at_common.limit = common;
  Report at_own = at_common;
  at_own.limit = 0;
  const double own = full_scale(at_own);
  const std::string layers =
      fmt::format("<div class=\"common\">{}</div>\n<div class=\"own\">{}</div>",
                  cells_svg(at_common), cells_svg(at_own));
  return fmt::format(
      R"(<figure><figcaption><h3>{}</h3></figcaption>
{}
<div class="legend"><div class="bar" style="--gradient:{}"></div><div class="ticks"><span>{}</span><span>0</span><span>{}</span></div></div>
<figcaption><p>{}</p></figcaption></figure>
)",
      escape_html(map.heading), still_section(at_common, layers), colour_gradient(),
      common_and_own(tick(-common), tick(-own)), common_and_own(tick(common), tick(own)),
      escape_html(map.caption));
}

std::string maps_section(const TracingPage& page) {
  const double common = common_scale(page.maps);
  std::string figures;
  for (const TracingPageMap& map : page.maps) figures += map_figure(page, map, common);
  return figures;
}

std::string variant_heads(const TracingPage& page, int columns) {
  std::string heads;
  for (const TracingPageVariant& variant : page.variants) {
    heads += fmt::format(R"(<th scope="col" class="number" colspan="{}">{}</th>)", columns,
                         escape_html(variant.name));
  }
  return heads;
}

std::string contributions_table(const TracingPage& page) {
  std::string rows;
  for (std::size_t r = 0; r < page.rows.size(); ++r) {
    std::string cells;
    for (const TracingPageVariant& variant : page.variants) {
      cells += fmt::format(
          "<td class=\"number\">{}</td>",
          variant.contributions.empty() ? "–" : signed_number(variant.contributions[r]));
    }
    rows += fmt::format("<tr><th scope=\"row\">{}</th>{}</tr>\n", escape_html(page.rows[r]), cells);
  }
  return fmt::format(
      R"(<div class="scroll"><table class="compared"><thead><tr><th scope="col">{} of the model: {}</th>{}</tr></thead>
<tbody>
{}</tbody></table></div>)",
      escape_html(page.quantity), plain_number(page.target), variant_heads(page, 1), rows);
}

/// "0.4213", or "1.2e+05" for large values.
std::string closeness_number(double value) {
  constexpr double kLarge = 1000;
  return std::abs(value) < kLarge ? plain_number(value)
                                  : fmt::format("{}{:.1e}", value < 0 ? "−" : "", std::abs(value));
}

std::string layers_table(const TracingPage& page) {
  std::string kinds, rows;
  for (std::size_t w = 0; w < page.variants.size(); ++w) {
    kinds +=
        R"(<th scope="col" class="number">cosine</th><th scope="col" class="number">norm</th>)";
  }
  for (std::size_t l = 0; l < page.layers.size(); ++l) {
    std::string cells;
    for (const TracingPageVariant& variant : page.variants) {
      const auto& at = variant.layers[l];
      cells += fmt::format(R"(<td class="number">{}</td><td class="number">{}</td>)",
                           at ? closeness_number(at->cosine) : "–",
                           at ? closeness_number(at->norm_ratio) : "–");
    }
    rows +=
        fmt::format("<tr><th scope=\"row\">{}</th>{}</tr>\n", escape_html(page.layers[l]), cells);
  }
  return fmt::format(
      R"(<div class="scroll"><table class="compared"><thead><tr><th scope="col">after</th>{}</tr><tr><th></th>{}</tr></thead>
<tbody>
{}</tbody></table></div>)",
      variant_heads(page, 2), kinds, rows);
}

std::string key(const TracingPage& page) {
  std::string items;
  for (std::size_t w = 0; w < page.variants.size(); ++w) {
    items += fmt::format(
        R"(<li><svg viewBox="0 0 34 10" aria-hidden="true"><g class="{}"><path d="M0 5L34 5"/></g></svg>{}</li>)"
        "\n",
        style_of(page, w), escape_html(page.variants[w].name));
  }
  return fmt::format("<ul class=\"key\">\n{}</ul>", items);
}

std::string chart(const TracingPage& page, const std::string& title,
                  double TracingPageCloseness::*number) {
  LineChart chart{.title = title, .labels = page.layers, .lines = {}};
  for (std::size_t w = 0; w < page.variants.size(); ++w) {
    ChartLine line{.style = style_of(page, w), .values = {}};
    for (const auto& at : page.variants[w].layers) {
      line.values.push_back(at ? std::optional((*at).*number) : std::nullopt);
    }
    chart.lines.push_back(std::move(line));
  }
  return line_chart(chart);
}

std::string findings_section(const TracingPage& page) {
  std::string sections;
  for (const auto& [heading, text] : page.findings) {
    sections += fmt::format("<section><h2>{}</h2><p class=\"finding\">{}</p></section>\n",
                            escape_html(heading), escape_html(text));
  }
  return fmt::format("<div class=\"findings\">\n{}</div>", sections);
}

}  // namespace

double common_scale(const std::vector<TracingPageMap>& maps) {
  double maximum = 0;
  for (const TracingPageMap& map : maps) {
    for (const float value : map.values) maximum = std::max<double>(maximum, std::abs(value));
  }
  return maximum;
}

std::string render_tracing_page(const TracingPage& page) {
  check(page);
  Report texts;  // input of the sections that all pages have
  texts.notes = page.notes;
  texts.settings = page.settings;
  const std::string own_scale =
      page.maps.size() < 2 ? ""
                           : "<label class=\"switch\"><input type=\"checkbox\" id=\"own\"> own "
                             "scale for each map</label>";
  const std::string main = fill_template(
      embedded_text(whyclip_tracing_html, whyclip_tracing_html_size),
      {{"headline", escape_html(page.headline)},
       {"quantity", escape_html(page.quantity)},
       {"notes", notes_section(texts)},
       {"switch", own_scale},
       {"maps", maps_section(page)},
       {"contributions", contributions_table(page)},
       {"key", key(page)},
       {"cosines", chart(page, "cosine by layer", &TracingPageCloseness::cosine)},
       {"norm_ratios", chart(page, "norm ratio by layer", &TracingPageCloseness::norm_ratio)},
       {"layers", layers_table(page)},
       {"findings", findings_section(page)},
       {"settings", settings_section(texts)},
       {"about", about_section(page.description)}});
  return html_page({.title = escape_html(page.title),
                    .css = embedded_text(whyclip_tracing_css, whyclip_tracing_css_size),
                    .main = main});
}

}  // namespace whyclip
