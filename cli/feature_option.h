#pragma once

#include <optional>
#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// Entries of the joint space as FeatureChoice reads them: "92", "92,98:0.5", "strong:0.75".
struct FeatureOption {
  std::optional<std::string> text;  ///< none: not given

  /// `purpose` begins the description: "Explain entries of the image embedding instead of a score".
  void add_to(Command& command, const std::string& purpose);
};

}  // namespace whyclip::cli
