#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string explanation_schema();
std::vector<ResultSchema> article_schemas();  ///< none in a build without whyclip/article
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  std::vector<ResultSchema> schemas{{"explanation", results::explanation_schema()}};
  for (ResultSchema& schema : results::article_schemas()) schemas.push_back(std::move(schema));
  return schemas;
}

}  // namespace whyclip
