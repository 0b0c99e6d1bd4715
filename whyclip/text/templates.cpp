#include "whyclip/text/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/text/text_list.h"

namespace whyclip {
namespace {

constexpr std::string_view kPlaceholder = "{}";

std::size_t count_placeholders(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(kPlaceholder); at != std::string_view::npos;
       at = text.find(kPlaceholder, at + kPlaceholder.size())) {
    ++count;
  }
  return count;
}

std::vector<std::string> texts_of(std::vector<ListEntry> entries) {
  std::vector<std::string> texts;
  for (ListEntry& entry : entries) texts.push_back(std::move(entry.text));
  return texts;
}

std::vector<std::string> parse_names(std::string_view text, std::string_view file,
                                     std::string_view wanted) {
  return texts_of(parse_text_list(text, file, wanted, JsonForms::kNames));
}

}  // namespace

const TemplateSet& simple_templates() {
  static const TemplateSet set{"simple", {"a photo of a {}."}};
  return set;
}

TemplateSet read_templates(const std::filesystem::path& path) {
  TemplateSet set{path.string(), {}};
  for (ListEntry& entry :
       parse_text_list(read_text(path), path.string(), "template", JsonForms::kStrings)) {
    const std::size_t positions = count_placeholders(entry.text);
    if (positions != 1) {
      throw Error(entry.where, fmt::format("expected one {{}} for the class name, got {} in \"{}\"",
                                           positions, entry.text));
    }
    set.templates.push_back(std::move(entry.text));
  }
  return set;
}

TemplateSet find_templates(std::string_view name_or_path) {
  for (const TemplateSet* set : {&imagenet_templates(), &simple_templates()}) {
    if (set->name == name_or_path) return *set;
  }
  std::error_code unreadable;
  if (name_or_path.empty() || !std::filesystem::exists(name_or_path, unreadable)) {
    throw Error("templates",
                fmt::format("no template set or file has the name \"{}\"; the sets are {}, {}",
                            name_or_path, imagenet_templates().name, simple_templates().name));
  }
  return read_templates(name_or_path);
}

std::size_t position_of_name(std::string_view text_template) {
  const std::size_t at = text_template.find(kPlaceholder);
  if (at == std::string_view::npos) {
    throw Error("template", fmt::format("\"{}\" has no {{}} for the class name", text_template));
  }
  return at;
}

std::string fill(std::string_view text_template, std::string_view class_name) {
  std::string prompt(text_template);
  return prompt.replace(position_of_name(text_template), kPlaceholder.size(), class_name);
}

std::vector<std::string> read_class_list(const std::filesystem::path& path) {
  return parse_names(read_text(path), path.string(), "class name");
}

std::vector<std::string> read_word_list(const std::filesystem::path& path) {
  return parse_word_list(read_text(path), path.string());
}

std::vector<std::string> parse_word_list(std::string_view text, std::string_view name) {
  return parse_names(text, name, "word");
}

std::vector<std::string> parse_class_list(std::string_view text) {
  if (is_json_list(text, "", JsonForms::kNames)) return parse_names(text, "classes", "class name");
  return split_at_commas(text, "classes", "class");
}

std::vector<std::string> split_at_commas(std::string_view text, std::string_view where,
                                         std::string_view kind) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = trimmed(text.substr(begin, end - begin));
    if (part.empty()) {
      throw Error(where, fmt::format("{} {} of \"{}\" is empty", kind, parts.size() + 1, text));
    }
    parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

}  // namespace whyclip
