#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> attention_methods() { return {}; }

}  // namespace whyclip
