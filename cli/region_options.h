#pragma once

#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// How a picture's patches are gathered into regions.
struct RegionOption {
  std::string text;  ///< as parse_regions reads it; empty: not asked for
  bool drop_empty = false;

  void add_to(CLI::App& command, const std::string& standard);
  /// Throws Error as parse_regions does.
  Regions read(const Picture& source, const Preprocessed& prepared, const PatchGrid& grid) const;
};

}  // namespace whyclip::cli
