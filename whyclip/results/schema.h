#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// The JSON Schema (draft 2020-12) of a kind of result.
struct ResultSchema {
  std::string kind;  ///< "explanation": docs/schema/explanation.json
  std::string text;
};

/// All kinds.
std::vector<ResultSchema> result_schemas();

}  // namespace whyclip
