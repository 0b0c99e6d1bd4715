#pragma once

#include <cstddef>
#include <string>

#include "whyclip/inspect.h"

namespace whyclip::cli {

/// Tables for a terminal with `top` rows at most.
std::string inspection_text(const InspectionResult& result, std::size_t top);

}  // namespace whyclip::cli
