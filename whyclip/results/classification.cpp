#include "whyclip/classify.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kClassification{"classification", 1};
constexpr std::string_view kImages = "images";

std::string text_of_json(const results::Json& json) {
  return json.dump(-1, ' ', false, results::Json::error_handler_t::replace);
}

}  // namespace

template <class V, class T>
requires Describes<T, ClassRow>
void describe(V& field, T& row) {
  field("name", row.name, "");
  field("similarity", row.similarity, "cosine");
  field("logit", row.logit, "");
  field("probability", row.probability, "softmax over the classes");
}

template <class V, class T>
requires Describes<T, PromptRow>
void describe(V& field, T& row) {
  field("text", row.text, "");
  field("class", row.class_name, "null if the prompt belongs to no class");
  field("similarity", row.similarity, "cosine");
  field("logit", row.logit, "");
  field("probability", row.probability, "softmax over all prompts");
}

template <class V, class T>
requires Describes<T, ImageClassification>
void describe(V& field, T& image) {
  field("path", image.path, "as the caller named it");
  field.unless(image.error.has_value(), "prompts", image.prompts, "the highest logit first");
  field.unless(image.error.has_value(), "classes", image.classes,
               "the highest logit first; empty if only prompts were given");
  field.optional("warnings", image.warnings, "about a damaged image");
  field.optional("error", image.error, "why there are no scores");
}

template <class V, class T>
requires Describes<T, SkippedInput>
void describe(V& field, T& input) {
  field("path", input.path, "");
  field("reason", input.reason, "");
}

template <class V, class T>
requires Describes<T, Classification>
void describe(V& field, T& result) {
  field("model", result.model, "");
  field(kImages.data(), result.images, "in the order of the call");
  field("skipped", result.skipped, "entries of folders that are not images");
  field("settings", result.settings, "name and value, for the reader");
  field("notes", result.notes, "for the reader");
}

std::string to_json(const Classification& classification, int indent) {
  return results::write(kClassification, classification, indent);
}

Classification classification_from_json(std::string_view text, const std::string& where) {
  return results::read<Classification>(kClassification, text, where);
}

ClassificationWriter::ClassificationWriter(const Classification& description, Write write)
    : write_(std::move(write)) {
  std::string begin = "{\"format\": " + text_of_json(kClassification.name());
  std::string* part = &begin;
  const results::Json fields = results::JsonWriter::json_of(description);
  for (const auto& [name, value] : fields.items()) {
    *part += ", " + text_of_json(name) + ": ";
    if (name == kImages) {
      *part += "[";
      part = &end_;
    } else {
      *part += text_of_json(value);
    }
  }
  end_ = "\n]" + end_ + "}\n";
  write_(begin);
}

ClassificationWriter::~ClassificationWriter() {
  try {
    close();
  } catch (...) {  // the document cannot be closed where nothing can be written
  }
}

void ClassificationWriter::add(const ImageClassification& image) {
  write_((first_ ? "\n" : "\n,") + text_of_json(results::JsonWriter::json_of(image)));
  first_ = false;
}

void ClassificationWriter::close() {
  if (std::exchange(closed_, true)) return;
  write_(end_);
}

namespace results {
std::string classification_schema() { return schema<Classification>(kClassification); }
}  // namespace results

}  // namespace whyclip
