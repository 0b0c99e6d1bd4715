#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/hub/hub_options.h"

namespace whyclip {

/// A CLIP model in the cache.
struct CachedModel {
  std::string name = {};                    ///< "openai/clip-vit-base-patch32", or a file's name
  std::vector<std::string> revisions = {};  ///< branches and tags that mean this commit
  std::string commit = {};                  ///< empty for a single file
  std::string path = {};                    ///< what to open
  std::int64_t bytes = 0;                   ///< of its files
  std::string layout = {};  ///< "hugging_face", "open_clip", "sentence_transformers", "file"
  std::string family = {};  ///< as the configuration says: "clip", "siglip"; may be empty
  bool complete = false;
  std::vector<std::string> missing = {};  ///< files that an incomplete model lacks
};

/// The models that can be opened by name without the network, by name.
struct ModelList {
  std::string cache = {};       ///< the folder of repositories
  std::string file_cache = {};  ///< the folder of single files
  std::vector<CachedModel> models = {};
  std::int64_t others = 0;  ///< repositories of models that are no CLIP
};

/// Looks at both caches; reads configurations, not weights. A cache that does not exist has no
/// models. Throws Error naming a folder that cannot be read.
ModelList list_models(const HubOptions& options);

/// JSON with "format": "whyclip models 1" (docs/schema/models.json). `indent`: spaces a level, −1
/// for one line.
std::string to_json(const ModelList& list, int indent = 1);
/// The inverse. Throws Error naming `where` and the field for a text that is cut off, of another
/// kind or of a newer version.
ModelList models_from_json(std::string_view text, const std::string& where = "models");

}  // namespace whyclip
