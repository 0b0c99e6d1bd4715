#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// A sum of contributions beside the value that it should be.
struct TracingPageCloseness {
  double cosine = 0, norm_ratio = 0;
};

/// One set of rules on the page.
struct TracingPageWay {
  std::string name = {};  ///< "published, float32"
  /// By layer; none where it did not come.
  std::vector<std::optional<TracingPageCloseness>> layers = {};
  /// Values of TracingPage::rows, in their order; empty if it did not reach the embedding.
  std::vector<double> contributions = {};
};

/// One map of the image.
struct TracingPageMap {
  std::string heading = {};        ///< "As published"
  std::string caption = {};        ///< a sentence
  std::vector<float> values = {};  ///< rows × columns
};

/// What a page of two tracings tells. Every text may be hostile; it is escaped.
struct TracingPage {
  std::string title;     ///< of the browser's tab
  std::string headline;  ///< the headline
  std::string quantity = "logit";
  double target = 0;                 ///< what the model says
  Image source;                      ///< of any size; the page holds at most 800 pixels a side
  PatchGrid grid;                    ///< in pixels of `source`
  std::vector<TracingPageMap> maps;  ///< side by side, on one scale or each on its own
  std::vector<std::string> layers;   ///< names, in network order
  std::vector<TracingPageWay> ways;  ///< at most three
  std::vector<std::string> rows;     ///< "patches", …, "sum": a table of contributions
  std::vector<std::pair<std::string, std::string>> findings;  ///< heading, paragraph
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::vector<std::string> notes;                             ///< warnings, shown at the top
  std::string description;                                    ///< a sentence or two
};

/// The largest |value| of the maps: full scale of what is drawn beside each other.
double common_scale(const std::vector<TracingPageMap>& maps);

/// A self-contained HTML page (UTF-8) without script: the maps beside each other, the layers as a
/// table and as two charts, the contributions as a table. The same bytes for the same page. Throws
/// Error if a number is not finite, a map does not fit the grid, or a way has other layers or rows.
std::string render_tracing_page(const TracingPage& page);

}  // namespace whyclip
