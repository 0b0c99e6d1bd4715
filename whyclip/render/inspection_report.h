#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/render/report.h"

namespace whyclip {

/// A quantity in the computation of a score from two embeddings.
struct ReportQuantity {
  std::string name = {};     ///< "cosine"
  std::string formula = {};  ///< "z·t / (‖z‖‖t‖)", or empty
  double value = 0;
  bool is_signed = true;  ///< false for norms and scales
};

/// The confidence for a class or prompt, with and without the logit scale.
struct ReportConfidence {
  std::string name = {};
  double similarity = 0;
  double unscaled = 0, scaled = 0;  ///< softmax over cosines and over logits, in [0, 1]
  bool explained = false;
};

/// A histogram: bar i counts the values from (first + i) · width to (first + i + 1) · width.
struct ReportHistogram {
  std::string name = {};  ///< "image embedding"
  std::int64_t first = 0;
  double width = 0;
  std::vector<std::int64_t> counts = {};
  double threshold = 0;  ///< marked on both sides of zero
};

/// A table of numbers with column and row names.
struct ReportTable {
  std::string caption = {};
  std::vector<std::string> columns = {};
  std::vector<std::pair<std::string, std::vector<double>>> rows = {};
  std::string note = {};  ///< below the table, or in place of a table without rows
};

/// The content of a page that decomposes a score in the joint space. All texts are escaped.
struct InspectionReport {
  std::string title;     ///< of the browser tab
  std::string headline;  ///< of the page
  Image source;
  std::vector<std::string> notes;  ///< warnings, shown at the top
  std::vector<ReportQuantity> quantities;
  std::string confidences_lede;
  std::vector<ReportConfidence> confidences;
  std::vector<ReportHistogram> histograms;  ///< over the same bins
  std::string beyond_lede;
  std::vector<ReportTable> beyond;    ///< indices with values beyond the thresholds
  std::vector<ReportEntry> products;  ///< contributions of the indices; their sum is `sum`
  double sum = 0, logit = 0, residual = 0;
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::string description;                                    ///< of the computation; may be empty
};

/// A self-contained HTML page (UTF-8) without scripts: no other file, no network; deterministic.
/// Throws Error if a number is not finite or a row does not fit its table.
std::string render_inspection(const InspectionReport& report);

}  // namespace whyclip
