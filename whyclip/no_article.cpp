// Stands for whyclip/article in a build without it (WHYCLIP_ARTICLE=OFF).

#include "whyclip/methods/families.h"
#include "whyclip/results/schema.h"

namespace whyclip {

std::vector<Method> article_methods() { return {}; }

namespace results {
std::vector<ResultSchema> article_schemas() { return {}; }
}  // namespace results

}  // namespace whyclip
