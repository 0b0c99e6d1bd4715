#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/compare_words.h"
#include "cli/files.h"

namespace whyclip::cli {

/// What one method said, and what it cost.
struct ComparedMethod {
  MethodInfo info = {};
  std::vector<std::pair<std::string, std::string>> options = {};  ///< that were set
  Attribution map = {};
  double seconds = 0;
  std::optional<double> residual = {};  ///< total − (patches + elsewhere), if it has a total
  std::optional<double> removal = {};   ///< rank correlation with what hurts when it is removed

  double sum() const;
};

/// An image explained by several methods.
struct Comparison {
  std::string path, name, model;  ///< name: of the files; empty: after the image
  Image source;
  PatchGrid grid;
  Target target;
  double value = 0;
  std::vector<ComparedMethod> methods;
  std::vector<std::vector<std::optional<double>>> agreement;  ///< rank correlations, pair by pair
  std::optional<ComparedWords> words = {};                    ///< if requested
  std::optional<Regions> regions = {};                        ///< if requested
  std::vector<float> effects;      ///< of removing each patch; empty if not asked for
  std::vector<std::string> notes;  ///< cautions, and what was not finished
  std::vector<std::pair<std::string, std::string>> settings;

  std::string headline() const;
};

std::string compared_text(const Comparison& comparison);
Json compared_json(const Comparison& comparison);
std::string compared_page(const Comparison& comparison, const OverlayOptions& overlay);
/// Every map over the image, each on a scale of its own.
Image compared_sheet(const Comparison& comparison, const OverlayOptions& overlay);
std::vector<FileToWrite> compared_files(const Comparison& comparison, const OverlayOptions& overlay,
                                        const std::filesystem::path& folder);

}  // namespace whyclip::cli
