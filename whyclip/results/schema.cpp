#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string explanation_schema();
std::string concepts_schema();
std::string evaluation_schema();
std::string heads_schema();
std::string metrics_schema();
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  return {{"explanation", results::explanation_schema()},
          {"concepts", results::concepts_schema()},
          {"evaluation", results::evaluation_schema()},
          {"heads", results::heads_schema()},
          {"metrics", results::metrics_schema()}};
}

}  // namespace whyclip
