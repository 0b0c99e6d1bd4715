#pragma once

#include <string>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip::server {

/// A checkpoint, which all requests share.
struct ServedModel {
  std::string id;  ///< how it was named on the command line, or "embedded"
  Clip clip;
};

/// The model of that id; the first one if the id is empty. Throws RequestError (404) listing the
/// ids.
const Clip& find_model(const std::vector<ServedModel>& models, const std::string& id);

/// The answer of /api/v1/models.
std::string models_json(const std::vector<ServedModel>& models);

}  // namespace whyclip::server
