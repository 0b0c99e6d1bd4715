#pragma once

#include <optional>
#include <string>
#include <vector>

namespace whyclip {

/// One line of a chart.
struct ChartLine {
  std::string style;                          ///< CSS class of the line
  std::vector<std::optional<double>> values;  ///< by place along the axis; the line has gaps
};

/// Lines over named places.
struct LineChart {
  std::string title;                ///< of the figure, for those who do not see it
  std::vector<std::string> labels;  ///< names along the axis; where there are many, not all stand
  std::vector<ChartLine> lines;     ///< later ones lie over earlier ones
};

/// An inline SVG that takes its colours from the page's style (classes axis, grid, and those of the
/// lines). The vertical axis holds 0, 1 and every value; it counts in powers of ten if some value
/// is above 20. Throws Error for a value that is not finite, and for lines of another length than
/// the places.
std::string line_chart(const LineChart& chart);

/// The distance of an axis's marks: 1, 2 or 5 times a power of ten, at least `step`.
double round_step(double step);

}  // namespace whyclip
