#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Sentences with one place, written {}, for the name of a class.
struct TemplateSet {
  std::string name;  ///< a built-in set's name, or the path of the file
  std::vector<std::string> templates;
};

/// The 80 templates of the CLIP paper's ImageNet evaluation (openai/CLIP,
/// notebooks/Prompt_Engineering_for_ImageNet.ipynb), in their order.
const TemplateSet& imagenet_templates();

/// "a photo of a {}." alone.
const TemplateSet& simple_templates();

/// A file with one template a line (blank lines and lines that begin with # are skipped), or a JSON
/// array of strings. Throws Error naming the file, and the line and its text if that has not
/// exactly one {} or is not UTF-8; or if no template is left.
TemplateSet read_templates(const std::filesystem::path& path);

/// A built-in set by its name (imagenet, simple), else a file as read_templates reads it. Throws
/// Error that lists the names if it is neither.
TemplateSet find_templates(std::string_view name_or_path);

/// Where fill puts the name: the byte at which the template's first {} begins. Throws Error if it
/// has none.
std::size_t position_of_name(std::string_view text_template);

/// The template with its first {} replaced by the name. Throws Error if it has none.
std::string fill(std::string_view text_template, std::string_view class_name);

/// Class names, one a line or in the forms of JSON that text_list.h describes, in their order. A
/// name that is there twice is kept twice: OpenAI's list of the ImageNet classes has "missile" and
/// "sunglasses" twice. Throws Error as parse_text_list does.
std::vector<std::string> read_class_list(const std::filesystem::path& path);

/// Words or whole sentences in a file as read_class_list reads it, duplicates kept. Throws Error as
/// it does.
std::vector<std::string> read_word_list(const std::filesystem::path& path);

/// The same of a text; `name` stands for the file in messages.
std::vector<std::string> parse_word_list(std::string_view text, std::string_view name);

/// Class names between commas, white space around each dropped; or JSON, which can hold names with
/// commas: ["pot, cooking", "cat"]. Throws Error naming a name that is empty.
std::vector<std::string> parse_class_list(std::string_view text);

}  // namespace whyclip
