#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string classification_schema();
std::string explanation_schema();
std::string inspection_schema();
std::string model_schema();
std::string regions_schema();
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  return {{"classification", results::classification_schema()},
          {"explanation", results::explanation_schema()},
          {"inspection", results::inspection_schema()},
          {"model", results::model_schema()},
          {"regions", results::regions_schema()}};
}

}  // namespace whyclip
