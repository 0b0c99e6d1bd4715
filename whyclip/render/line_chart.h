#pragma once

#include <optional>
#include <string>
#include <vector>

namespace whyclip {

/// One line of a chart.
struct ChartLine {
  std::string style;                          ///< CSS class of the line
  std::vector<std::optional<double>> values;  ///< one per label; nullopt leaves a gap
};

/// Lines over labelled positions.
struct LineChart {
  std::string title;                ///< text alternative of the figure
  std::vector<std::string> labels;  ///< along the axis; only some are shown if there are many
  std::vector<ChartLine> lines;     ///< drawn in this order
};

/// An inline SVG; the page's style sets its colours (classes axis, grid, and those of the lines).
/// The vertical axis covers 0, 1 and every value; it is logarithmic if a value is above 20. Throws
/// Error for a value that is not finite, and for a line with another number of values than labels.
std::string line_chart(const LineChart& chart);

/// The distance of axis ticks: 1, 2 or 5 times a power of ten, at least `step`.
double round_step(double step);

}  // namespace whyclip
