#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/target_options.h"

namespace whyclip::cli {

/// What explain and ledger ask for alike: an image, a model, a score, and rules.
struct ExplanationOptions {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  RuleOptions rules;
  std::string path, name;  ///< name: of the files that are written; empty: after the image
  bool balances = false;   ///< whether the rules report what each op conserves
  bool certify = false;    ///< whether the map is tried against random orders

  /// The image and the score; the model's and the image's reading come last on help pages.
  void add_classifier_to(Command& command);
  void add_model_to(Command& command);
};

/// An image, asked, recorded and taken apart.
struct Explanation {
  Clip clip;
  std::string path, name;
  Image source;
  Preprocessed prepared;
  ZeroShot zero_shot;
  Scores scores;
  Target target;
  RuleSet rules;
  std::unique_ptr<RecordedImage> recorded;
  Ledger ledger;  ///< stream, and balances if requested, only where the rules backward pass
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;
  std::optional<Certificate> certificate = {};

  const Contributions& sources() const { return ledger.sources; }
  /// "Why did CLIP score cat.jpg 24.31 for “…”?"
  std::string headline() const;
  /// "cat.cat-dog": what the names of written files begin with.
  std::string stem() const;
};

Explanation make_explanation(const ExplanationOptions& options);

/// What the score and the contributions are measured in: "logit", or "feature" for entries of the
/// image embedding.
std::string_view quantity(const Contributions& c);

/// The score, with its sign if it is a difference or a feature.
std::string score_text(const Contributions& c);

/// Which block a trace point belongs to: "block 3", "before the blocks", "after the blocks".
std::string group_of(const std::string& trace_point);

}  // namespace whyclip::cli
