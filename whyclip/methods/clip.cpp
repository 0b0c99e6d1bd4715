#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> clip_methods() { return {}; }

}  // namespace whyclip
