#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/region_options.h"
#include "cli/target_options.h"

namespace whyclip::cli {

/// The options that explain and ledger have in common.
struct ExplanationArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  MethodArguments method;
  RegionOption regions;
  std::string path, name;  ///< name: of the files that are written; empty: after the image
  bool words = false, interaction = false, balances = false, certify = false;

  /// The image and the score; the model's and the image's own options come last on help pages.
  void add_score_to(Command& command);
  void add_model_to(Command& command);
};

struct ExplainedImage {
  Image image;
  Explanation explanation;
  std::string stem;  ///< of the files that are written: "cat.cat-dog"
};

/// Reads the image, opens the model and calls explain(); notes go to standard error. Throws Error
/// as these do; Cancelled.
ExplainedImage explain_image(const ExplanationArguments& arguments);

}  // namespace whyclip::cli
