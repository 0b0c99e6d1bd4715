#pragma once

#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

#define METHODS(function) std::vector<Method> function();
#include "whyclip/methods/method_files.inc"
#undef METHODS

}  // namespace whyclip
