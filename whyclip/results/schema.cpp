#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string comparison_schema();
std::string explanation_schema();
std::string methods_schema();
std::string rules_schema();
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  return {{"comparison", results::comparison_schema()},
          {"explanation", results::explanation_schema()},
          {"methods", results::methods_schema()},
          {"rules", results::rules_schema()}};
}

}  // namespace whyclip
