#include "whyclip/methods/exclip.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/fixlip.h"

namespace whyclip {

std::vector<Method> interaction_methods() { return {exclip_method(), fixlip_method()}; }

}  // namespace whyclip
