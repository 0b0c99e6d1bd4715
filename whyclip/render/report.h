#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// One line of a ledger: a source and its additive contribution to the score.
struct ReportEntry {
  std::string name = {};    ///< "class token", "mlp.up bias"
  double contribution = 0;  ///< in units of Report::quantity
  std::string group = {};   ///< "patches", "block 0"; adjacent entries of one group are folded
  std::string note = {};    ///< a few words, or empty
};

/// The score of a class or prompt.
struct ReportScore {
  std::string name = {};
  double logit = 0;
  double probability = 0;  ///< in [0, 1]
  bool explained = false;  ///< this is the score that the page explains
};

/// The direct contributions of one block through the class token's residual stream, in units of
/// Report::quantity.
struct ReportBlock {
  std::string name = {};           ///< "block 0"; unique
  std::vector<double> heads = {};  ///< (heads), the same number in every block
  /// (heads, 1 + patches): contributions of the heads by attended token, class token first.
  std::vector<std::vector<float>> head_tokens = {};
  double attention_bias = 0;
  double mlp = 0;  ///< without its bias
  double mlp_bias = 0;
};

/// The score as the sum of the direct contributions of the network's components through the class
/// token's residual stream, in units of Report::quantity.
struct ReportComponents {
  double embedding = 0;       ///< the class token before the first block
  double embedding_bias = 0;  ///< of the norm before the first block
  std::vector<ReportBlock> blocks = {};
  double last_bias = 0;  ///< of the norm after the last block
  double sum = 0;        ///< of all contributions
  double residual = 0;   ///< target − sum
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each block
  /// and after the last one, class token first; may be empty.
  std::vector<std::vector<float>> stream = {};
};

/// The verdict on a map after removing patches from the model's input.
struct ReportCertificate {
  std::string verdict = {};        ///< "supported"
  bool good = false, bad = false;  ///< colour of the verdict; neutral if both are false
  std::string sentence = {};       ///< the evidence, after the verdict
  std::vector<std::pair<std::string, std::string>> numbers = {};  ///< name, value
  /// The score after each of equal removal steps: most relevant first, least relevant first, and
  /// the mean over random orders; all of one length, or empty.
  std::vector<double> most_first = {}, least_first = {}, random = {};
};

/// The content of a report. All texts are escaped.
struct Report {
  std::string title;     ///< of the browser tab
  std::string headline;  ///< of the page: "Why did CLIP score cat.jpg 24.31 for “…”?"
  std::string quantity = "logit";  ///< name and unit of the sum of the contributions
  Image source;                    ///< reduced to at most 1600 pixels a side
  PatchGrid grid;                  ///< in pixels of `source`
  std::vector<float> values;       ///< rows × columns, one contribution per patch
  bool in_units = true;            ///< whether `values` are in units of `quantity`
  bool additive = true;   ///< whether `values` are parts of the score: shows them in percent of it
  bool is_signed = true;  ///< false: no value is negative, so none is against the score
  double limit = 0;       ///< full scale of the colours; 0: the largest |value|
  std::vector<ReportEntry> ledger;  ///< in network order, patches as one entry; may be empty
  bool by_source = true;  ///< whether the ledger names every source; false: patches and the rest
  double sum = 0;         ///< of the ledger
  double target = 0;      ///< the explained score
  double residual = 0;    ///< target − sum
  ReportComponents components;                        ///< shown layer by layer if there are blocks
  std::optional<ReportCertificate> certificate = {};  ///< shown at the top
  std::string scores_heading = "Classes";
  std::vector<ReportScore> scores;                            ///< best first; may be empty
  std::vector<std::pair<std::string, std::string>> settings;  ///< name, value
  std::vector<std::string> notes;                             ///< warnings, shown at the top
  std::string description;  ///< of the computation, a sentence or two; may be empty
};

/// A self-contained HTML page (UTF-8): no other file, no network; deterministic. Without JavaScript
/// it shows image, heatmap, ledger and components. Throws Error if a number is not finite, or if
/// the values or the components do not fit the grid or each other.
std::string render_report(const Report& report);

}  // namespace whyclip
