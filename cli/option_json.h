#pragma once

#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// "how many: 1 to 100 [default: 5]".
std::string option_text(const MethodOption& option);

}  // namespace whyclip::cli
