#include "whyclip/render/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/image/encode.h"
#include "whyclip/render/base64.h"
#include "whyclip/render/html.h"
#include "whyclip/render/line_chart.h"
#include "whyclip/render/page.h"
#include "whyclip/render/report_sections.h"
#include "whyclip/render/shrink.h"

extern "C" const unsigned char whyclip_document_html[];
extern "C" const unsigned long whyclip_document_html_size;
extern "C" const unsigned char whyclip_document_css[];
extern "C" const unsigned long whyclip_document_css_size;

namespace whyclip {
namespace {

constexpr int kFigureSide = 1600;
constexpr std::size_t kMaxLines = 4;
/// Images up to this many pixels a side are shown pixelated.
constexpr int kPixelated = 128;

std::string image_tag(const DocumentFigure& figure) {
  if (!figure.file.empty()) {
    return fmt::format(R"(<img src="data:{};base64,{}" alt="{}">)", escape_html(figure.file_type),
                       base64(figure.file), escape_html(figure.caption));
  }
  check_image(figure.image, figure.caption.empty() ? "figure" : figure.caption);
  const Image shown = shrink(figure.image, kFigureSide);
  return fmt::format(R"(<img{} width="{}" height="{}" src="data:image/png;base64,{}" alt="{}">)",
                     std::max(shown.width, shown.height) <= kPixelated ? R"( class="tiny")" : "",
                     shown.width, shown.height, base64(encode_png(shown)),
                     escape_html(figure.caption));
}

}  // namespace

Document::Document(std::string title, std::string heading)
    : title_(std::move(title)), heading_(std::move(heading)) {}

void Document::notes(std::span<const std::string> notes) {
  if (notes.empty()) return;
  for (const std::string& note : notes) notes_ += fmt::format("<p>{}</p>\n", escape_html(note));
}

void Document::section(std::string_view heading) {
  if (open_) body_ += "</section>\n";
  open_ = true;
  ++sections_;
  body_ += heading.empty() ? "<section>\n"
                           : fmt::format(
                                 "<section aria-labelledby=\"s{0}\">\n<h2 id=\"s{0}\">{1}"
                                 "</h2>\n",
                                 sections_, escape_html(heading));
}

void Document::open() {
  if (!open_) section("");
}

void Document::part(std::string_view heading) {
  open();
  body_ += fmt::format("<h3>{}</h3>\n", escape_html(heading));
}

void Document::paragraph(std::string_view text) {
  open();
  body_ += fmt::format("<p class=\"text\">{}</p>\n", escape_html(text));
}

void Document::remark(std::string_view text) {
  open();
  body_ += fmt::format("<p class=\"text remark\">{}</p>\n", escape_html(text));
}

void Document::bars(std::string_view caption,
                    std::span<const std::pair<std::string, double>> bars) {
  open();
  double maximum = 0;
  for (const auto& [name, value] : bars) {
    check_number(value, name);
    maximum = std::max(maximum, value);
  }
  body_ +=
      fmt::format("<figure class=\"bars\"><figcaption>{}</figcaption><ol>\n", escape_html(caption));
  for (const auto& [name, value] : bars) {
    body_ +=
        fmt::format(R"(<li><span>{}</span><i style="--part:{:.4f}"></i><b>{:g}</b></li>)"
                    "\n",
                    escape_html(name), maximum > 0 ? std::max(0.0, value) / maximum : 0, value);
  }
  body_ += "</ol></figure>\n";
}

void Document::table(const DocumentTable& table) {
  open();
  const auto cell_class = [&](std::size_t column) {
    return column < table.text_columns ? "" : R"( class="number")";
  };
  body_ += "<div class=\"scroll\"><table class=\"plain\">\n";
  if (!table.caption.empty()) {
    body_ += fmt::format("<caption>{}</caption>\n", escape_html(table.caption));
  }
  body_ += "<thead><tr>";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    body_ +=
        fmt::format("<th scope=\"col\"{}>{}</th>", cell_class(c), escape_html(table.columns[c]));
  }
  body_ += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    if (row.size() != table.columns.size()) {
      throw Error("table " + table.caption, fmt::format("expected {} cells in a row, got {}",
                                                        table.columns.size(), row.size()));
    }
    body_ += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      body_ += c == 0
                   ? fmt::format("<th scope=\"row\"{}>{}</th>", cell_class(c), escape_html(row[c]))
                   : fmt::format("<td{}>{}</td>", cell_class(c), escape_html(row[c]));
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
  if (!table.note.empty()) {
    body_ += fmt::format("<p class=\"under\">{}</p>\n", escape_html(table.note));
  }
}

void Document::figures(std::span<const DocumentFigure> figures) {
  open();
  body_ += fmt::format("<div class=\"figures{}\">\n", figures.size() == 1 ? " alone" : "");
  for (const DocumentFigure& figure : figures) {
    body_ += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", image_tag(figure),
                         escape_html(figure.caption));
  }
  body_ += "</div>\n";
}

void Document::chart(const DocumentChart& chart) {
  open();
  if (chart.lines.size() > kMaxLines) {
    throw Error("chart " + chart.caption,
                fmt::format("expected at most {} lines, got {}", kMaxLines, chart.lines.size()));
  }
  LineChart lines{.title = chart.caption, .labels = chart.labels, .lines = {}};
  std::string key;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    lines.lines.push_back({fmt::format("line line-{}", i), chart.lines[i].values});
    key += fmt::format(
        R"(<li class="line line-{}"><svg viewBox="0 0 34 10" aria-hidden="true"><path d="M0 5L34 5"/>)"
        R"(</svg>{}</li>)"
        "\n",
        i, escape_html(chart.lines[i].name));
  }
  body_ += fmt::format(
      "<figure class=\"lines\"><figcaption>{}</figcaption>\n{}\n<ul class=\"key\">{}</ul>"
      "</figure>\n",
      escape_html(chart.caption), line_chart(lines), key);
}

std::string Document::html() const {
  const std::string notes =
      notes_.empty() ? "" : fmt::format("<div class=\"notes\">\n{}</div>", notes_);
  const std::string main =
      fill_template(embedded_text(whyclip_document_html, whyclip_document_html_size),
                    {{"heading", escape_html(heading_)},
                     {"notes", notes},
                     {"body", body_ + (open_ ? "</section>\n" : "")}});
  return html_page({.title = escape_html(title_),
                    .css = embedded_text(whyclip_document_css, whyclip_document_css_size),
                    .main = main});
}

}  // namespace whyclip
