#include "whyclip/article/deoptimisation_method.h"
#include "whyclip/article/published_method.h"
#include "whyclip/methods/families.h"

namespace whyclip {

std::vector<Method> article_methods() { return {published_method(), deoptimisation_method()}; }

}  // namespace whyclip
