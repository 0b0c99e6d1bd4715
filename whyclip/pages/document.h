#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// An image in a row of images.
struct DocumentFigure {
  std::string caption = {};
  Image image = {};                  ///< reduced to at most 1600 pixels a side
  std::vector<std::byte> file = {};  ///< an encoded image, embedded unchanged; replaces `image`
  std::string file_type = {};        ///< "image/webp"
};

/// A table. The first `text_columns` columns are text, the others are right-aligned numbers.
struct DocumentTable {
  std::string caption = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::size_t text_columns = 1;
  std::string note = {};  ///< below the table
};

/// A line chart over labelled positions, with a legend.
struct DocumentChart {
  struct Line {
    std::string name;
    std::vector<std::optional<double>> values;  ///< one per label; nullopt leaves a gap
  };
  std::string caption = {};
  std::vector<std::string> labels = {};
  std::vector<Line> lines = {};  ///< at most 4
};

/// A page that is built from top to bottom of texts, tables, charts and figures. The viewer draws
/// it as it draws results.
class Document {
 public:
  /// `title` is the title of the browser tab, `heading` that of the page.
  Document(std::string title, std::string heading);

  /// Adds warnings.
  void notes(std::span<const std::string> notes);
  /// Begins a section; the heading may be empty.
  void section(std::string_view heading);
  /// Begins a subsection.
  void part(std::string_view heading);
  void paragraph(std::string_view text);
  /// Adds a highlighted paragraph.
  void remark(std::string_view text);
  /// Adds a bar chart with one horizontal bar per name.
  void bars(std::string_view caption, std::span<const std::pair<std::string, double>> bars);
  /// Adds a table. Throws Error if a row has another number of cells than columns.
  void table(const DocumentTable& table);
  /// Adds a row of images. Throws Error if an image's size does not match its pixels.
  void figures(std::span<const DocumentFigure> figures);
  /// Adds a chart. Throws Error for lines whose values do not fit the labels, values that are not
  /// finite, and more than 4 lines.
  void chart(const DocumentChart& chart);

  /// JSON with "format": "whyclip document 1": what the viewer draws.
  std::string json() const;
  /// The self-contained HTML page (see html_page) with everything added so far.
  std::string html() const;

 private:
  std::string title_, heading_;
  std::vector<std::string> notes_, blocks_;  ///< blocks: JSON objects
};

}  // namespace whyclip
