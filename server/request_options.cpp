#include "server/request_options.h"

#include <fmt/format.h>

#include <regex>

#include "server/failure.h"

namespace whyclip::server {
namespace {

/// A set of templates by name: a file would be one of the server's.
std::string read_templates(ObjectReader& options, const char* name, const std::string& otherwise) {
  std::string templates = options.text(name, otherwise);
  if (templates != otherwise && templates != "imagenet" && templates != "simple") {
    refuse(options.name_of(name), "expected imagenet or simple");
  }
  return templates;
}

/// The value of a method's option: a text, or a number as JSON writes it.
std::string option_value(const Json& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) refuse(where, "expected a text or a number");
  return value.dump();
}

}  // namespace

View read_view(ObjectReader& options) {
  return options.boolean("whole", false) ? View::kWholeImage : View::kCentreCrop;
}

ClassifierOptions read_classifier(ObjectReader& options) {
  ClassifierOptions classifier{.classes = options.texts("classes", kMostClasses),
                               .templates = read_templates(options, "templates", "imagenet"),
                               .prompts = options.texts("prompts", kMostPrompts)};
  if (!classifier.classes.empty() && !classifier.prompts.empty()) {
    refuse(options.name_of("prompts"), "cannot be combined with classes: send one of them");
  }
  return classifier;
}

TargetOptions read_target(ObjectReader& options) {
  TargetOptions target{.classifier = read_classifier(options),
                       .class_name = options.text("class"),
                       .versus = options.text("versus"),
                       .feature = options.text("feature"),
                       .several_prompts = options.boolean("several_prompts", false)};
  check(target);
  return target;
}

std::string read_regions(ObjectReader& options, const std::string& otherwise) {
  static const std::regex form(
      R"(patches|blocks:\d{1,4}x\d{1,4}|slic:\d{1,6}(:\d{1,6}(\.\d{1,6})?)?)");
  std::string regions = options.text("regions", otherwise);
  if (!regions.empty() && !std::regex_match(regions, form)) {
    refuse(options.name_of("regions"),
           "expected patches, blocks:ROWSxCOLUMNS (blocks:3x3) or slic:COUNT (slic:20)");
  }
  return regions;
}

std::map<std::string, std::string> read_method_options(const Json& object,
                                                       const std::string& where) {
  std::map<std::string, std::string> texts;
  if (object.is_null()) return texts;
  if (!object.is_object()) refuse(where, "expected an object of texts");
  for (const auto& [name, value] : object.items()) {
    texts[name] = option_value(value, fmt::format("{}.{}", where, name));
  }
  return texts;
}

OptionTexts read_options_of_methods(ObjectReader& options) {
  OptionTexts texts;
  const Json& methods = options.field("method_options");
  const std::string where = options.name_of("method_options");
  if (methods.is_null()) return texts;
  if (!methods.is_object())
    refuse(where, "expected an object of objects: {\"rise\": {\"masks\": \"500\"}}");
  for (const auto& [method, values] : methods.items()) {
    texts[method] = read_method_options(values, fmt::format("{}.{}", where, method));
  }
  check_method_options(texts);
  return texts;
}

WordOptions read_words(ObjectReader& options) {
  WordOptions words{.words = options.texts("words", kMostWords),
                    .templates = read_templates(options, "word_templates", "")};
  if (!words.words.empty()) words.source = "the request";
  return words;
}

}  // namespace whyclip::server
