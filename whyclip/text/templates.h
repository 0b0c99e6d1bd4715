#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Sentences with one placeholder, {}, for the class name.
struct TemplateSet {
  std::string name;  ///< a built-in set's name, or the path of the file
  std::vector<std::string> templates;
};

/// The 80 templates of the CLIP paper's ImageNet evaluation (openai/CLIP,
/// notebooks/Prompt_Engineering_for_ImageNet.ipynb), in their order.
const TemplateSet& imagenet_templates();

/// The single template "a photo of a {}.".
const TemplateSet& simple_templates();

/// Reads a file with one template per line (blank lines and lines that begin with # are skipped),
/// or a JSON array of strings. Throws Error naming the file and line if a template does not have
/// exactly one {} or is not UTF-8, and if there is no template.
TemplateSet read_templates(const std::filesystem::path& path);

/// Returns a built-in set by its name (imagenet, simple), otherwise reads a file like
/// read_templates. Throws Error listing the names if it is neither.
TemplateSet find_templates(std::string_view name_or_path);

/// Byte position of the template's first {}. Throws Error if there is none.
std::size_t position_of_name(std::string_view text_template);

/// Replaces the template's first {} with the name. Throws Error if there is none.
std::string fill(std::string_view text_template, std::string_view class_name);

/// Reads class names in their order, one per line or as JSON in the forms of text_list.h. Keeps
/// duplicates: OpenAI's list of ImageNet classes has "missile" and "sunglasses" twice. Throws Error
/// as parse_text_list does.
std::vector<std::string> read_class_list(const std::filesystem::path& path);

/// Reads words or sentences from a file in the format of read_class_list, including duplicates.
/// Throws Error as it does.
std::vector<std::string> read_word_list(const std::filesystem::path& path);

/// The same for a text; `name` is its name in messages.
std::vector<std::string> parse_word_list(std::string_view text, std::string_view name);

/// Parses class names separated by commas, without white space around them; or JSON, for names with
/// commas: ["pot, cooking", "cat"]. Throws Error if a name is empty.
std::vector<std::string> parse_class_list(std::string_view text);

/// The texts between commas, without white space around them. Throws Error(where) with "KIND 2 of
/// … is empty" if one is empty.
std::vector<std::string> split_at_commas(std::string_view text, std::string_view where,
                                         std::string_view kind);

}  // namespace whyclip
