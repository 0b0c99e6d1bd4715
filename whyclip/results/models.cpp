#include "whyclip/list_models.h"
#include "whyclip/results/fields.h"

namespace whyclip {
namespace {

constexpr results::Format kModels{"models", 1};

}  // namespace

using results::Describes;

template <class V, class T>
requires Describes<T, CachedModel>
void describe(V& field, T& model) {
  field("name", model.name, "the repository of the hub, or the name of a single file");
  field("revisions", model.revisions, "branches and tags that mean this commit");
  field("commit", model.commit, "empty for a single file");
  field("path", model.path, "what to open");
  field("bytes", model.bytes, "of its files");
  field("layout", model.layout, "hugging_face, open_clip, sentence_transformers or file");
  field("family", model.family, "as the configuration says; may be empty");
  field("complete", model.complete, "whether every file that is needed is there");
  field("missing", model.missing, "files that an incomplete model lacks");
}

template <class V, class T>
requires Describes<T, ModelList>
void describe(V& field, T& list) {
  field("cache", list.cache, "the folder of repositories");
  field("file_cache", list.file_cache, "the folder of single files");
  field("models", list.models, "by name");
  field("others", list.others, "repositories of models that are no CLIP");
}

std::string to_json(const ModelList& list, int indent) {
  return results::write(kModels, list, indent);
}

ModelList models_from_json(std::string_view text, const std::string& where) {
  return results::read<ModelList>(kModels, text, where);
}

namespace results {
std::string models_schema() { return schema<ModelList>(kModels); }
}  // namespace results

}  // namespace whyclip
