#pragma once

#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// An option of a method or metric: name, what it takes, and the default.
Json option_json(const MethodOption& option);
/// "how many: 1 to 100 [default: 5]".
std::string option_text(const MethodOption& option);

}  // namespace whyclip::cli
