#pragma once

#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/picture.h"

namespace whyclip {

/// One line of a ledger: a source of the score and its additive share.
struct ReportEntry {
  std::string name = {};   ///< "class token", "mlp.up bias"
  double share = 0;        ///< in units of Report::quantity
  std::string group = {};  ///< "patches", "block 0"; neighbours of one group are folded together
  std::string note = {};   ///< a few words, or empty
};

/// One line of the table of classes or prompts that the picture was compared with.
struct ReportScore {
  std::string name = {};
  double logit = 0;
  double probability = 0;  ///< in [0, 1]
  bool explained = false;  ///< whether this is the line that the page explains
};

/// What a page tells. Every text may be hostile; it is escaped.
struct Report {
  std::string title;     ///< of the browser's tab
  std::string question;  ///< the headline: "Why did CLIP score cat.jpg 24.31 for “…”?"
  std::string quantity = "logit";   ///< what the shares add up to and are measured in
  Picture source;                   ///< of any size; the page holds at most 1600 pixels a side
  PatchGrid grid;                   ///< in pixels of `source`
  std::vector<float> values;        ///< rows × columns, one share per patch
  double limit = 0;                 ///< full scale of the colours; 0: the largest |value|
  std::vector<ReportEntry> ledger;  ///< in network order, the patches as one line; may be empty
  double sum = 0;                   ///< of the ledger
  double target = 0;                ///< the score that is explained
  double residual = 0;              ///< target − sum
  std::string scores_heading = "Classes";
  std::vector<ReportScore> scores;                            ///< best first; may be empty
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::vector<std::string> notes;                             ///< warnings, shown at the top
  std::string about;  ///< how the shares were computed: a sentence or two; may be empty
};

/// A self-contained HTML page (UTF-8): no other file, no network, the same bytes for the same
/// report; without JavaScript it still shows picture, heatmap and ledger. Throws Error if a number
/// is not finite or the values do not fit the grid.
std::string render_report(const Report& report);

}  // namespace whyclip
