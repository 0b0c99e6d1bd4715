#include "whyclip/results/schema.h"

namespace whyclip {
namespace results {
// Each is defined beside the fields of its result.
std::string classification_schema();
std::string comparison_schema();
std::string concepts_schema();
std::string evaluation_schema();
std::string explanation_schema();
std::string heads_schema();
std::string inspection_schema();
std::string methods_schema();
std::string metrics_schema();
std::string model_schema();
std::string models_schema();
std::string regions_schema();
std::string removal_schema();
std::string rules_schema();
std::vector<ResultSchema> article_schemas();  ///< none in a build without whyclip/article
}  // namespace results

std::vector<ResultSchema> result_schemas() {
  std::vector<ResultSchema> schemas{{"classification", results::classification_schema()},
                                    {"comparison", results::comparison_schema()},
                                    {"concepts", results::concepts_schema()},
                                    {"evaluation", results::evaluation_schema()},
                                    {"explanation", results::explanation_schema()},
                                    {"heads", results::heads_schema()},
                                    {"inspection", results::inspection_schema()},
                                    {"methods", results::methods_schema()},
                                    {"metrics", results::metrics_schema()},
                                    {"model", results::model_schema()},
                                    {"models", results::models_schema()},
                                    {"regions", results::regions_schema()},
                                    {"removal", results::removal_schema()},
                                    {"rules", results::rules_schema()}};
  for (ResultSchema& schema : results::article_schemas()) schemas.push_back(std::move(schema));
  return schemas;
}

}  // namespace whyclip
