#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> perturbation_methods() { return {}; }

}  // namespace whyclip
