#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string explanation_schema();
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  return {{"explanation", results::explanation_schema()}};
}

}  // namespace whyclip
