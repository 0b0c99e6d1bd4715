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

/// An image of a document, in a row with others.
struct DocumentFigure {
  std::string caption = {};
  Image image = {};                  ///< at most 1600 pixels a side are kept
  std::vector<std::byte> file = {};  ///< instead of an image: an encoded one, kept as it is
  std::string file_type = {};        ///< "image/webp"
};

/// Names and numbers. The first columns are text, the others stand to the right.
struct DocumentTable {
  std::string caption = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::size_t text_columns = 1;
  std::string note = {};  ///< underneath
};

/// Lines over named places, with a key.
struct DocumentChart {
  struct Line {
    std::string name;
    std::vector<std::optional<double>> values;  ///< by place; the line has gaps
  };
  std::string caption = {};
  std::vector<std::string> labels = {};
  std::vector<Line> lines = {};  ///< at most 4
};

/// A self-contained HTML page (UTF-8) put together from top to bottom: no script, no other file, no
/// network, the same bytes for the same content. Every text may be hostile; it is escaped.
class Document {
 public:
  /// `title` is the browser's tab's, `heading` the page's.
  Document(std::string title, std::string heading);

  /// Warnings; nothing if there are none.
  void notes(std::span<const std::string> notes);
  /// Begins a section. An empty heading goes on without one.
  void section(std::string_view heading);
  /// Begins a part of a section.
  void part(std::string_view heading);
  void paragraph(std::string_view text);
  /// What stands out: a comparison, a warning of the method.
  void remark(std::string_view text);
  /// The same bars of one height for each count, with the edges underneath.
  void bars(std::string_view caption, std::span<const std::pair<std::string, double>> bars);
  /// Throws Error for a row with another number of cells than columns.
  void table(const DocumentTable& table);
  /// Throws Error for an image whose sizes do not fit its pixels.
  void figures(std::span<const DocumentFigure> figures);
  /// Throws Error as line_chart does, and for more than 4 lines.
  void chart(const DocumentChart& chart);

  /// The whole page so far.
  std::string html() const;

 private:
  void open();

  std::string title_, heading_, notes_, body_;
  int sections_ = 0;
  bool open_ = false;
};

}  // namespace whyclip
