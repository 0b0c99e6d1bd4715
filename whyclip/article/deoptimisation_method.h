#pragma once

#include "whyclip/methods/method.h"

namespace whyclip {

/// One descent of article/deoptimisation.h from the image, without controls.
Method deoptimisation_method();

}  // namespace whyclip
