#include "whyclip/text/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/text/unicode.h"

namespace whyclip {
namespace {

constexpr std::string_view kPlace = "{}";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// A line of a file that is neither blank nor a comment.
struct Line {
  std::string text;   ///< trimmed
  std::string where;  ///< file:number
};

/// The lines of a text that count. Throws Error if there is none or one is not UTF-8.
std::vector<Line> lines_of(std::string_view text_of_file, std::string_view file,
                           std::string_view wanted) {
  std::string_view rest = text_of_file;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  std::vector<Line> lines;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty() || text.front() == '#') continue;
    lines.push_back({std::string(text), fmt::format("{}:{}", file, number)});
    decode_utf8(text, lines.back().where);
  }
  if (lines.empty()) throw Error(file, fmt::format("has no {}", wanted));
  return lines;
}

std::vector<Line> read_lines(const std::filesystem::path& path, std::string_view wanted) {
  return lines_of(read_text(path), path.string(), wanted);
}

std::size_t count_places(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(kPlace); at != std::string_view::npos;
       at = text.find(kPlace, at + kPlace.size())) {
    ++count;
  }
  return count;
}

/// Names in order, each once.
class Names {
 public:
  explicit Names(std::string_view kind) : kind_(kind) {}
  void add(std::string_view name, std::string_view where) {
    if (!seen_.emplace(name).second) {
      throw Error(where, fmt::format("{} \"{}\" is there twice", kind_, name));
    }
    names_.emplace_back(name);
  }
  std::vector<std::string> take() { return std::move(names_); }
  std::size_t size() const { return names_.size(); }

 private:
  std::string_view kind_;
  std::vector<std::string> names_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

const TemplateSet& simple_templates() {
  static const TemplateSet set{"simple", {"a photo of a {}."}};
  return set;
}

TemplateSet read_templates(const std::filesystem::path& path) {
  TemplateSet set{path.string(), {}};
  for (Line& line : read_lines(path, "template")) {
    const std::size_t places = count_places(line.text);
    if (places != 1) {
      throw Error(line.where, fmt::format("expected one {{}} for the class name, got {} in \"{}\"",
                                          places, line.text));
    }
    set.templates.push_back(std::move(line.text));
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
                fmt::format("no set and no file is called \"{}\"; the sets are {}, {}",
                            name_or_path, imagenet_templates().name, simple_templates().name));
  }
  return read_templates(name_or_path);
}

std::size_t place_of_name(std::string_view text_template) {
  const std::size_t at = text_template.find(kPlace);
  if (at == std::string_view::npos) {
    throw Error("template", fmt::format("\"{}\" has no {{}} for the class name", text_template));
  }
  return at;
}

std::string fill(std::string_view text_template, std::string_view class_name) {
  std::string prompt(text_template);
  return prompt.replace(place_of_name(text_template), kPlace.size(), class_name);
}

std::vector<std::string> read_class_list(const std::filesystem::path& path) {
  Names names("class");
  for (const Line& line : read_lines(path, "class name")) names.add(line.text, line.where);
  return names.take();
}

std::vector<std::string> read_word_list(const std::filesystem::path& path) {
  return parse_word_list(read_text(path), path.string());
}

std::vector<std::string> parse_word_list(std::string_view text, std::string_view name) {
  Names words("word");
  for (const Line& line : lines_of(text, name, "word")) words.add(line.text, line.where);
  return words.take();
}

std::vector<std::string> parse_class_list(std::string_view text) {
  Names names("class");
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view name = trimmed(text.substr(begin, end - begin));
    if (name.empty()) {
      throw Error("classes", fmt::format("class {} of \"{}\" is empty", names.size() + 1, text));
    }
    names.add(name, "classes");
    begin = end + 1;
  }
  return names.take();
}

}  // namespace whyclip
