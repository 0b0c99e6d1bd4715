#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// One line of a ledger: a source of the score and its additive contribution.
struct ReportEntry {
  std::string name = {};    ///< "class token", "mlp.up bias"
  double contribution = 0;  ///< in units of Report::quantity
  std::string group = {};   ///< "patches", "block 0"; neighbours of one group are folded together
  std::string note = {};    ///< a few words, or empty
};

/// One line of the table of classes or prompts that the image was compared with.
struct ReportScore {
  std::string name = {};
  double logit = 0;
  double probability = 0;  ///< in [0, 1]
  bool explained = false;  ///< whether this is the line that the page explains
};

/// What one block of the network writes into the class token's residual stream, in units of
/// Report::quantity.
struct ReportBlock {
  std::string name = {};           ///< "block 0"; every block has a name of its own
  std::vector<double> heads = {};  ///< (heads), as many in every block
  /// (heads, 1 + patches): the same by the token that is read, class token first.
  std::vector<std::vector<float>> head_tokens = {};
  double attention_bias = 0;
  double mlp = 0;  ///< without its bias
  double mlp_bias = 0;
};

/// The score as the sum of what each component of the network writes into the class token's
/// residual stream, in units of Report::quantity.
struct ReportComponents {
  double embedding = 0;       ///< the class token before the first block
  double embedding_bias = 0;  ///< of the norm before the first block
  std::vector<ReportBlock> blocks = {};
  double last_bias = 0;  ///< of the norm after the last block
  double sum = 0;        ///< of all
  double residual = 0;   ///< target − sum
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each block
  /// and after the last one, class token first; may be empty.
  std::vector<std::vector<float>> stream = {};
};

/// Whether the model bears the map out.
struct ReportCertificate {
  std::string verdict = {};        ///< "supported"
  bool good = false, bad = false;  ///< coloured so; neither: in between
  std::string sentence = {};       ///< for a reader who knows none of the numbers
  std::vector<std::pair<std::string, std::string>> numbers = {};  ///< name, value
  /// The score while patches go in equal steps, most and least relevant first, and the same of the
  /// mean random order; all of one length, or empty.
  std::vector<double> most_first = {}, least_first = {}, random = {};
};

/// What a page tells. Every text may be hostile; it is escaped.
struct Report {
  std::string title;     ///< of the browser's tab
  std::string headline;  ///< the headline: "Why did CLIP score cat.jpg 24.31 for “…”?"
  std::string quantity = "logit";   ///< what the contributions add up to and are measured in
  Image source;                     ///< of any size; the page holds at most 1600 pixels a side
  PatchGrid grid;                   ///< in pixels of `source`
  std::vector<float> values;        ///< rows × columns, one contribution per patch
  double limit = 0;                 ///< full scale of the colours; 0: the largest |value|
  std::vector<ReportEntry> ledger;  ///< in network order, the patches as one line; may be empty
  double sum = 0;                   ///< of the ledger
  double target = 0;                ///< the score that is explained
  double residual = 0;              ///< target − sum
  ReportComponents components;      ///< drawn layer by layer; without blocks left out
  std::optional<ReportCertificate> certificate = {};  ///< shown before all else
  std::string scores_heading = "Classes";
  std::vector<ReportScore> scores;                            ///< best first; may be empty
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::vector<std::string> notes;                             ///< warnings, shown at the top
  std::string
      description;  ///< how the contributions were computed: a sentence or two; may be empty
};

/// A self-contained HTML page (UTF-8): no other file, no network, the same bytes for the same
/// report; without JavaScript it still shows image, heatmap, ledger and components. Throws Error
/// if a number is not finite, the values do not fit the grid, or the components do not fit it or
/// each other.
std::string render_report(const Report& report);

}  // namespace whyclip
