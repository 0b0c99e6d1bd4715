#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <set>
#include <span>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/image/encode.h"
#include "whyclip/render/base64.h"
#include "whyclip/render/colormap.h"
#include "whyclip/render/html.h"
#include "whyclip/render/report_sections.h"

namespace whyclip {
namespace {

void check_size(std::size_t got, std::size_t expected, std::string_view what,
                std::string_view unit) {
  if (got != expected) {
    throw Error("report", fmt::format("{}: expected {} {}, got {}", what, expected, unit, got));
  }
}

/// One contribution per token, the class token first.
void check_tokens(std::span<const float> tokens, const Report& report, std::string_view what) {
  check_size(tokens.size(), 1 + report.values.size(), what, "tokens");
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (!std::isfinite(tokens[t])) check_number(tokens[t], fmt::format("{}, token {}", what, t));
  }
}

void check_block(const ReportBlock& block, const Report& report) {
  const std::size_t heads = report.components.blocks.front().heads.size();
  check_size(block.heads.size(), heads, block.name, "heads, as in the first block");
  check_size(block.head_tokens.size(), heads, block.name, "heads with tokens");
  for (std::size_t h = 0; h < heads; ++h) {
    const std::string name = fmt::format("{}, head {}", block.name, h);
    check_number(block.heads[h], name);
    check_tokens(block.head_tokens[h], report, name);
  }
  check_number(block.attention_bias, block.name + ", attention bias");
  check_number(block.mlp, block.name + ", MLP");
  check_number(block.mlp_bias, block.name + ", MLP bias");
}

double sum_of_heads(const ReportBlock& block) {
  return std::accumulate(block.heads.begin(), block.heads.end(), 0.0);
}

double sum_of_patches(std::span<const float> tokens) {
  return std::accumulate(tokens.begin() + 1, tokens.end(), 0.0);
}

std::vector<ReportEntry> layer_entries(const ReportComponents& components) {
  const std::string before = "before the blocks";
  std::vector<ReportEntry> entries{
      {.name = "embedding",
       .contribution = components.embedding,
       .group = before,
       .note = "class token"},
      {.name = "bias of the norm", .contribution = components.embedding_bias, .group = before}};
  for (const ReportBlock& block : components.blocks) {
    const std::string heads = fmt::format("{} heads", block.heads.size());
    entries.insert(
        entries.end(),
        {{.name = "attention",
          .contribution = sum_of_heads(block),
          .group = block.name,
          .note = heads},
         {.name = "attention bias", .contribution = block.attention_bias, .group = block.name},
         {.name = "MLP", .contribution = block.mlp, .group = block.name},
         {.name = "MLP bias", .contribution = block.mlp_bias, .group = block.name}});
  }
  entries.push_back({.name = "bias of the last norm", .contribution = components.last_bias});
  return entries;
}

std::string layers_section(const Report& report) {
  const std::vector<ReportEntry> entries = layer_entries(report.components);
  return waterfall_section(
      report, {.id = "layers",
               .group = "layer",
               .heading = "Layer by layer",
               .lede = "the direct contributions of every block to the class token, from which the "
                       "score is computed. Effects of a block through later blocks are counted "
                       "there.",
               .column = "part",
               .members = "parts",
               .entries = entries,
               .sum = report.components.sum,
               .residual = report.components.residual});
}

/// Full scale of the grid's colours; 0 only if every head is zero.
double heads_limit(const ReportComponents& components) {
  double limit = 0;
  for (const ReportBlock& block : components.blocks) {
    for (const double contribution : block.heads) limit = std::max(limit, std::abs(contribution));
  }
  return limit;
}

/// The number of decimals with which the grid's largest number has two or three digits.
int grid_decimals(double limit) {
  constexpr int kMax = 6;
  if (limit >= 10) return 1;
  if (limit <= 0) return 2;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(limit))), 2, kMax);
}

/// As plain_number, but "0" for numbers that round to zero.
std::string grid_number(double value, int decimals) {
  const std::string number = plain_number(value, decimals);
  return number.find_first_not_of("0.") == std::string::npos ? "0" : number;
}

std::string head_cell(const ReportBlock& block, std::size_t head, double limit) {
  constexpr double kStrong = 0.79;  // above it, white text is more legible than black
  const double scaled = limit > 0 ? block.heads[head] / limit : 0;
  return fmt::format(R"(<td{} style="background:{}" title="{}, head {}: {}">{}</td>)",
                     std::abs(scaled) > kStrong ? R"( class="strong")" : "",
                     hex_with_opacity(scaled), escape_html(block.name), head,
                     signed_number(block.heads[head]),
                     grid_number(block.heads[head], grid_decimals(limit)));
}

std::string total_cell(double value, double limit) {
  const std::string text = grid_number(value, grid_decimals(limit));
  const std::string_view kind = text == "0" ? "faint" : value < 0 ? "negative" : "positive";
  return fmt::format(R"(<td class="total {}" title="{}">{}{}</td>)", kind, signed_number(value),
                     kind == "positive" ? "+" : "", text);
}

std::string grid_rows(const ReportComponents& components, double limit) {
  std::string rows;
  for (const ReportBlock& block : components.blocks) {
    rows += fmt::format(R"(<tr><th scope="row">{}</th>)", escape_html(block.name));
    for (std::size_t h = 0; h < block.heads.size(); ++h) rows += head_cell(block, h, limit);
    rows += total_cell(sum_of_heads(block), limit) + total_cell(block.mlp, limit) + "</tr>\n";
  }
  return rows;
}

/// The small image that stays visible while heads are chosen, with its description.
std::string look_strip(const Report& report) {
  constexpr double kSide = 192;  // pixels of the canvas's longer side
  const Rectangle& area = report.grid.area;
  const double longer = std::max(area.width, area.height);
  return fmt::format(
      R"(<div class="look script" id="look"><canvas id="look-image" width="{}" height="{}" aria-hidden="true"></canvas>
<div><p id="look-text">Choose a head: the image shows its contributions by patch.</p>
<p class="links"><button type="button" class="link" data-all>back to all sources</button> <a class="link" href="#stage">large image</a></p></div></div>)",
      std::max(1L, std::lround(kSide * area.width / longer)),
      std::max(1L, std::lround(kSide * area.height / longer)));
}

std::string grid_legend(const Report& report, double limit) {
  return fmt::format(
      R"(<div class="legend grid-legend"><div class="bar" style="--gradient:{}"></div>
<div class="ticks"><span>{}</span><span>0</span><span>{}</span></div></div>
<p class="faint">blue: against, red: in favour; in units of the {}</p>)",
      colour_gradient(), tick(-limit), tick(limit), escape_html(report.quantity));
}

std::string heads_grid(const Report& report) {
  const ReportComponents& components = report.components;
  const double limit = heads_limit(components);
  const std::size_t heads = components.blocks.front().heads.size();
  std::string columns;
  for (std::size_t h = 0; h < heads; ++h) {
    columns += fmt::format(R"(<th scope="col"><span class="hidden">head </span>{}</th>)", h);
  }
  return fmt::format(
      R"(<div class="scroll" tabindex="0" role="region" aria-label="Heads of every block">
<table class="heads" id="heads"><thead><tr><th scope="col" rowspan="2">block</th><th scope="colgroup" colspan="{}">head</th>)"
      R"(<th scope="col" rowspan="2">all heads</th><th scope="col" rowspan="2">MLP</th></tr>
<tr>{}</tr></thead>
<tbody>
{}</tbody></table></div>
{})",
      heads, columns, grid_rows(components, limit), grid_legend(report, limit));
}

/// Full scale of the residual stream's thumbnails; 0 only if every patch's contribution is zero.
float stream_limit(const ReportComponents& components) {
  float limit = 0;
  for (const std::vector<float>& tokens : components.stream) {
    for (const float contribution : std::span(tokens).subspan(1))
      limit = std::max(limit, std::abs(contribution));
  }
  return limit;
}

/// One pixel per patch.
Image thumbnail(std::span<const float> patches, const PatchGrid& grid, float limit) {
  Image image{.width = grid.columns, .height = grid.rows, .rgb = {}};
  for (const float contribution : patches) {
    const Colour colour = diverging(limit > 0 ? contribution / limit : 0);
    image.rgb.insert(image.rgb.end(), {colour.r, colour.g, colour.b});
  }
  return image;
}

std::string stream_figure(const Report& report, std::size_t boundary, float limit) {
  const ReportComponents& components = report.components;
  const std::vector<float>& tokens = components.stream[boundary];
  const bool last = boundary == components.blocks.size();
  const std::string block = last ? "" : escape_html(components.blocks[boundary].name);
  const std::string name = last ? "after the last block" : "before " + block;
  const double patches = sum_of_patches(tokens);
  return fmt::format(
      R"(<figure data-name="{0}" title="{0}: patches {1}, class token {2}"><img alt="Contributions of the patches {0}" src="data:image/png;base64,{3}">)"
      R"(<figcaption>{4} <span class="{5}">{1}</span></figcaption></figure>)"
      "\n",
      name, signed_number(patches), signed_number(tokens[0]),
      base64(encode_png(thumbnail(std::span(tokens).subspan(1), report.grid, limit))),
      last ? "end" : block,
      patches == 0  ? "faint"
      : patches < 0 ? "negative"
                    : "positive");
}

std::string stream_row(const Report& report) {
  const ReportComponents& components = report.components;
  if (components.stream.empty()) return {};
  const float limit = stream_limit(components);
  std::string figures;
  for (std::size_t b = 0; b < components.stream.size(); ++b) {
    figures += stream_figure(report, b, limit);
  }
  const Rectangle& area = report.grid.area;
  return fmt::format(
      R"(
<h3>Residual stream</h3>
<p class="lede">Contributions of the patch tokens of the residual stream before each block, and their sum. The rest of the score comes from the class token and from biases of later layers. All images have one scale, up to ±{:.3g}.</p>
<div class="stream" id="stream" style="--shape:{:.4f}">
{}</div>)",
      limit, area.width / area.height, figures);
}

}  // namespace

void check_components(const Report& report) {
  const ReportComponents& components = report.components;
  if (components.blocks.empty()) return;
  check_number(components.embedding, "the embedding");
  check_number(components.embedding_bias, "the bias before the blocks");
  check_number(components.last_bias, "the last bias");
  check_number(components.sum, "the sum of the components");
  check_number(components.residual, "the residual of the components");
  if (components.blocks.front().heads.empty()) {
    throw Error("report", components.blocks.front().name + ": expected at least one head, got 0");
  }
  std::set<std::string_view> names;
  for (const ReportBlock& block : components.blocks) {
    if (block.name.empty() || !names.insert(block.name).second) {
      throw Error("report", fmt::format("expected a unique name for every block, got '{}'{}",
                                        block.name, block.name.empty() ? "" : " twice"));
    }
    check_block(block, report);
  }
  if (components.stream.empty()) return;
  check_size(components.stream.size(), components.blocks.size() + 1, "the residual stream",
             "rows, one more than blocks");
  for (std::size_t b = 0; b < components.stream.size(); ++b) {
    check_tokens(components.stream[b], report, fmt::format("the residual stream, row {}", b));
  }
}

std::string components_section(const Report& report) {
  if (report.components.blocks.empty()) return {};
  return fmt::format(
      R"(
{}
<section class="inside" aria-labelledby="heads-h"><h2 id="heads-h">Heads</h2>
<p class="lede">Direct contributions of every attention head to the class token, without biases, and of the block's MLP. A head's contribution is the sum over the tokens that it attends to.</p>
{}
{}{}</section>)",
      layers_section(report), look_strip(report), heads_grid(report), stream_row(report));
}

std::string shown_line(const Report& report) {
  if (report.components.blocks.empty()) return {};
  return R"(
<p class="shown script">Heatmap of <b id="shown">all sources</b> <span class="links" id="shown-links" hidden><button type="button" class="link" data-all>back to all sources</button> <a class="link" href="#heads-h">heads</a></span></p>)";
}

std::string components_json(const Report& report) {
  const ReportComponents& components = report.components;
  if (components.blocks.empty()) return {};
  const auto rows = [](const std::vector<std::vector<float>>& tokens) {
    std::vector<std::string> texts;
    for (const std::vector<float>& row : tokens) {
      texts.push_back(fmt::format("[{:.4g}]", fmt::join(row, ",")));
    }
    return fmt::format("[{}]", fmt::join(texts, ","));
  };
  std::vector<std::string> heads;
  std::vector<std::string> tokens;
  for (const ReportBlock& block : components.blocks) {
    heads.push_back(fmt::format("[{:.7g}]", fmt::join(block.heads, ",")));
    tokens.push_back(rows(block.head_tokens));
  }
  std::vector<double> sums;
  for (const std::vector<float>& row : components.stream) sums.push_back(sum_of_patches(row));
  return fmt::format(R"(,"heads":[{}],"head_tokens":[{}],"stream":{},"stream_patches":[{:.7g}])",
                     fmt::join(heads, ","), fmt::join(tokens, ","), rows(components.stream),
                     fmt::join(sums, ","));
}

}  // namespace whyclip
