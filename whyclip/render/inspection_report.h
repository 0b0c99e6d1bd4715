#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/render/report.h"

namespace whyclip {

/// A number on the way from two embeddings to a score.
struct ReportQuantity {
  std::string name = {};     ///< "cosine"
  std::string formula = {};  ///< "z·t / (‖z‖‖t‖)", or empty
  double value = 0;
  bool is_signed = true;  ///< norms and scales are not
};

/// A class or prompt, with and without the logit scale.
struct ReportConfidence {
  std::string name = {};
  double similarity = 0;
  double unscaled = 0, scaled = 0;  ///< softmax over cosines and over logits, in [0, 1]
  bool explained = false;
};

/// How values are distributed: bar i counts those from (first + i) · width on.
struct ReportHistogram {
  std::string name = {};  ///< "image embedding"
  std::int64_t first = 0;
  double width = 0;
  std::vector<std::int64_t> counts = {};
  double threshold = 0;  ///< marked on both sides of zero
};

/// Numbers with names above and beside them.
struct ReportTable {
  std::string caption = {};
  std::vector<std::string> columns = {};
  std::vector<std::pair<std::string, std::vector<double>>> rows = {};
  std::string note = {};  ///< under it, or all there is of a table without rows
};

/// A page that takes a score apart in the joint space. Every text may be hostile; it is escaped.
struct InspectionReport {
  std::string title;     ///< of the browser's tab
  std::string headline;  ///< the headline
  Image source;
  std::vector<std::string> notes;  ///< warnings, shown at the top
  std::vector<ReportQuantity> quantities;
  std::string confidences_lede;
  std::vector<ReportConfidence> confidences;
  std::vector<ReportHistogram> histograms;  ///< over the same bins
  std::string beyond_lede;
  std::vector<ReportTable> beyond;    ///< indices beyond the thresholds
  std::vector<ReportEntry> products;  ///< contributions of indices, which add up to `sum`
  double sum = 0, logit = 0, residual = 0;
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::string description;  ///< how the numbers were computed; may be empty
};

/// A self-contained HTML page (UTF-8) without scripts: no other file, no network, the same bytes
/// for the same report. Throws Error if a number is not finite or a row does not fit its table.
std::string render_inspection(const InspectionReport& report);

}  // namespace whyclip
