#include "whyclip/pages/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/pages/html.h"
#include "whyclip/pages/page.h"

namespace whyclip {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostLines = 4;

std::string text_of_block(const Json& block) {
  return block.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_block(const char* type, std::string_view text) {
  return text_of_block({{"type", type}, {"text", std::string(text)}});
}

std::string picture_address(const DocumentFigure& figure) {
  if (!figure.file.empty()) {
    return fmt::format("data:{};base64,{}", figure.file_type, base64(figure.file));
  }
  return "data:image/png;base64," + base64(page_image(figure.image).file);
}

void check_line(const DocumentChart& chart, const DocumentChart::Line& line) {
  if (line.values.size() != chart.labels.size()) {
    throw Error("chart " + chart.caption,
                fmt::format("expected {} values of \"{}\", got {}", chart.labels.size(), line.name,
                            line.values.size()));
  }
  for (const std::optional<double>& value : line.values) {
    if (value && !std::isfinite(*value)) {
      throw Error("chart " + chart.caption,
                  fmt::format("a value of \"{}\" is not finite", line.name));
    }
  }
}

}  // namespace

Document::Document(std::string title, std::string heading)
    : title_(std::move(title)), heading_(std::move(heading)) {}

void Document::notes(std::span<const std::string> notes) {
  notes_.insert(notes_.end(), notes.begin(), notes.end());
}

void Document::section(std::string_view heading) {
  blocks_.push_back(text_block("section", heading));
}

void Document::part(std::string_view heading) { blocks_.push_back(text_block("part", heading)); }

void Document::paragraph(std::string_view text) {
  blocks_.push_back(text_block("paragraph", text));
}

void Document::remark(std::string_view text) { blocks_.push_back(text_block("remark", text)); }

void Document::bars(std::string_view caption,
                    std::span<const std::pair<std::string, double>> bars) {
  Json list = Json::array();
  for (const auto& [name, value] : bars) list.push_back({{"name", name}, {"value", value}});
  blocks_.push_back(text_of_block(
      {{"type", "bars"}, {"caption", std::string(caption)}, {"bars", std::move(list)}}));
}

void Document::table(const DocumentTable& table) {
  for (const std::vector<std::string>& row : table.rows) {
    if (row.size() != table.columns.size()) {
      throw Error("table " + table.caption, fmt::format("expected {} cells in a row, got {}",
                                                        table.columns.size(), row.size()));
    }
  }
  blocks_.push_back(text_of_block({{"type", "table"},
                                   {"caption", table.caption},
                                   {"columns", table.columns},
                                   {"rows", table.rows},
                                   {"text_columns", table.text_columns},
                                   {"note", table.note}}));
}

void Document::figures(std::span<const DocumentFigure> figures) {
  Json list = Json::array();
  for (const DocumentFigure& figure : figures) {
    list.push_back({{"caption", figure.caption}, {"picture", picture_address(figure)}});
  }
  blocks_.push_back(text_of_block({{"type", "figures"}, {"figures", std::move(list)}}));
}

void Document::chart(const DocumentChart& chart) {
  if (chart.lines.size() > kMostLines) {
    throw Error("chart " + chart.caption,
                fmt::format("expected at most {} lines, got {}", kMostLines, chart.lines.size()));
  }
  Json lines = Json::array();
  for (const DocumentChart::Line& line : chart.lines) {
    check_line(chart, line);
    Json values = Json::array();
    for (const std::optional<double>& value : line.values) {
      values.push_back(value ? Json(*value) : Json());
    }
    lines.push_back({{"name", line.name}, {"values", std::move(values)}});
  }
  blocks_.push_back(text_of_block({{"type", "chart"},
                                   {"caption", chart.caption},
                                   {"labels", chart.labels},
                                   {"lines", std::move(lines)}}));
}

std::string Document::json() const {
  return fmt::format(R"({{"format":"whyclip document 1","headline":{},"notes":{},"blocks":[{}]}})",
                     text_of_block(heading_), text_of_block(notes_), fmt::join(blocks_, ","));
}

std::string Document::html() const { return html_page(json(), {.title = title_}); }

}  // namespace whyclip
