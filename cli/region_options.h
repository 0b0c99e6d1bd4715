#pragma once

#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// How an image's patches are gathered into regions.
struct RegionOption {
  std::string text;  ///< as parse_regions reads it; empty: not asked for
  bool drop_empty = false;

  void add_to(Command& command, const std::string& default_value);
};

}  // namespace whyclip::cli
