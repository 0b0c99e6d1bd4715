#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// Agreement of a sum of contributions with the true value.
struct TracingPageCloseness {
  double cosine = 0, norm_ratio = 0;
};

/// One variant of tracing (a set of rules and a precision).
struct TracingPageVariant {
  std::string name = {};  ///< "published, float32"
  /// By layer; nullopt if the variant did not reach the layer.
  std::vector<std::optional<TracingPageCloseness>> layers = {};
  /// One value per TracingPage::rows; empty if the variant did not reach the embedding.
  std::vector<double> contributions = {};
};

/// One map of the image.
struct TracingPageMap {
  std::string heading = {};        ///< "As published"
  std::string caption = {};        ///< a sentence
  std::vector<float> values = {};  ///< rows × columns
};

/// The content of a page that compares variants of tracing. All texts are escaped.
struct TracingPage {
  std::string title;     ///< of the browser tab
  std::string headline;  ///< of the page
  std::string quantity = "logit";
  double target = 0;                 ///< the model's score
  Image source;                      ///< reduced to at most 800 pixels a side
  PatchGrid grid;                    ///< in pixels of `source`
  std::vector<TracingPageMap> maps;  ///< side by side, on a common scale or on their own scales
  std::vector<std::string> layers;   ///< names, in network order
  std::vector<TracingPageVariant> variants;  ///< at most three
  std::vector<std::string> rows;             ///< "patches", …, "sum": a table of contributions
  std::vector<std::pair<std::string, std::string>> findings;  ///< heading, paragraph
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::vector<std::string> notes;                             ///< warnings, shown at the top
  std::string description;                                    ///< a sentence or two
};

/// The largest |value| of all maps: the common full scale.
double common_scale(const std::vector<TracingPageMap>& maps);

/// A self-contained HTML page (UTF-8) without script: the maps side by side, the layers as a table
/// and as two charts, the contributions as a table; deterministic. Throws Error if a number is not
/// finite, a map does not fit the grid, or a variant has another number of layers or rows.
std::string render_tracing_page(const TracingPage& page);

}  // namespace whyclip
