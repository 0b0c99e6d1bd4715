#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> cam_methods() { return {}; }

}  // namespace whyclip
