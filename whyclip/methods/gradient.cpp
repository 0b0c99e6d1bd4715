#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> gradient_methods() { return {}; }

}  // namespace whyclip
