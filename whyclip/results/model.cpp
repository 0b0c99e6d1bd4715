#include "whyclip/describe_model.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kModel{"model", 1};

}  // namespace

template <class V, class T>
requires Describes<T, TowerDescription>
void describe(V& field, T& tower) {
  field("width", tower.width, "");
  field("mlp_width", tower.mlp_width, "");
  field("layers", tower.layers, "");
  field("heads", tower.heads, "");
  field("head_width", tower.head_width, "");
  field("activation", tower.activation, "");
  field("layer_norm_epsilon", tower.layer_norm_epsilon, "");
}

template <class V, class T>
requires Describes<T, VisionDescription>
void describe(V& field, T& vision) {
  describe(field, vision.tower);
  field("image_size", vision.image_size, "pixels a side");
  field("patch_size", vision.patch_size, "pixels a side");
  field("patches", vision.patches, "of an image of image_size");
}

template <class V, class T>
requires Describes<T, TextDescription>
void describe(V& field, T& text) {
  describe(field, text.tower);
  field("vocabulary", text.vocabulary, "");
  field("context_length", text.context_length, "tokens");
  field("end_of_text", text.end_of_text_id, "null: the largest id of a prompt");
}

template <class V, class T>
requires Describes<T, PreprocessDescription>
void describe(V& field, T& preprocess) {
  field("crop", preprocess.crop, "height and width");
  field("mean", preprocess.mean, "of each channel");
  field("standard_deviation", preprocess.standard_deviation, "of each channel");
  field.optional("in_words", preprocess.in_words, "every step");
}

template <class V, class T>
requires Describes<T, ModelDescription>
void describe(V& field, T& model) {
  field("name", model.name, "");
  field.optional("family", model.family, "CLIP");
  field("layout", model.layout, "hugging_face or open_clip");
  field.optional("files", model.files, "the layout and the files in words");
  field("weight_types", model.weight_types, "");
  field.computed("stored_as", model.weight_types, "the same as weight_types");
  field("parameters", model.parameters, "of both towers");
  field("projection", model.projection, "width of the joint space");
  field("logit_scale", model.logit_scale, "");
  field("vision", model.vision, "");
  field("text", model.text, "");
  field("preprocess", model.preprocess, "");
  field.optional("tokenizer", model.tokenizer, "in words");
  field.optional("filled", model.filled, "fields that the files leave out, with their defaults");
  field.optional("inferred", model.inferred, "what follows from the tensors without a config");
  field("text_hash", model.text_hash, "the key of cached text embeddings");
  field("notes", model.notes, "for the reader");
}

std::string to_json(const ModelDescription& model, int indent) {
  return results::write(kModel, model, indent);
}

ModelDescription model_from_json(std::string_view text, const std::string& where) {
  return results::read<ModelDescription>(kModel, text, where);
}

namespace results {
std::string model_schema() { return schema<ModelDescription>(kModel); }
}  // namespace results

}  // namespace whyclip
