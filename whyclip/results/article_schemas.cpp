#include "whyclip/results/schema.h"

namespace whyclip::results {

// Each is defined with the fields of its result.
std::string deoptimisation_schema();
std::string tracing_schema();

std::vector<ResultSchema> article_schemas() {
  return {{"deoptimisation", deoptimisation_schema()}, {"tracing", tracing_schema()}};
}

}  // namespace whyclip::results
