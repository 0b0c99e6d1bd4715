#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/target_options.h"

namespace whyclip::cli {

/// What explain and ledger ask for alike: a picture, a model, a score, and rules.
struct ExplanationOptions {
  ModelOptions model;
  PictureOptions picture;
  TargetOptions target;
  RuleOptions rules;
  std::string image, name;  ///< name: of the files that are written; empty: after the picture
  bool balances = false;    ///< whether the rules report what each op conserves
  bool certify = false;     ///< whether the map is tried against random orders

  /// The picture and the score; the model's and the picture's reading come last on help pages.
  void add_question_to(CLI::App& command);
  void add_model_to(CLI::App& command);
};

/// A picture, asked, recorded and taken apart.
struct Explanation {
  Clip clip;
  std::string path, name;
  Picture source;
  Preprocessed prepared;
  ZeroShot zero_shot;
  Scores scores;
  Target target;
  RuleSet rules;
  std::unique_ptr<RecordedImage> image;
  Ledger ledger;  ///< stream, and balances if asked for, only where the rules walk back
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;
  std::optional<Certificate> certificate = {};

  const Contributions& sources() const { return ledger.sources; }
  /// "Why did CLIP score cat.jpg 24.31 for “…”?"
  std::string question() const;
  /// "cat.cat-dog": what the names of written files begin with.
  std::string stem() const;
};

Explanation make_explanation(const ExplanationOptions& options);

/// What the score and the shares are measured in: "logit", or "feature" for entries of the image
/// embedding.
std::string_view quantity(const Contributions& c);

/// The score, with its sign if it is a difference or a feature.
std::string score_text(const Contributions& c);

/// Which block a trace point belongs to: "block 3", "before the blocks", "after the blocks".
std::string group_of(const std::string& trace_point);

}  // namespace whyclip::cli
