#include "whyclip/dataset/yaml_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

/// Reads the text from `at` on; errors name the line.
struct Reader {
  std::string_view text;
  const std::string& file;
  std::size_t at = 0;

  bool done() const { return at >= text.size(); }
  char next() const { return done() ? '\n' : text[at]; }

  [[noreturn]] void fail(const std::string& what) const {
    const std::string_view before = text.substr(0, std::min(at, text.size()));
    throw Error(
        fmt::format("{}: line {}", file, 1 + std::count(before.begin(), before.end(), '\n')), what);
  }
  void skip_blanks() {
    while (next() == ' ' || next() == '\t' || next() == '\r') ++at;
  }
  /// A comment starts a line or follows a blank.
  void skip_comment() {
    const bool starts =
        at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n';
    while (starts && next() == '#' && !done()) at = std::min(text.find('\n', at), text.size());
  }
  /// Goes to the next line; fails if something is left on this one.
  void end_line() {
    skip_blanks();
    skip_comment();
    if (next() != '\n') fail(fmt::format("expected the end of the line, got '{}'", next()));
    ++at;
  }
  void skip_empty_lines() {
    while (!done()) {
      const std::size_t start = at;
      skip_blanks();
      skip_comment();
      if (next() != '\n' || done()) {
        at = done() ? at : start;
        return;
      }
      ++at;
    }
  }
  void skip_space_and_comments() {
    while (!done()) {
      skip_blanks();
      skip_comment();
      if (next() != '\n' || done()) return;
      ++at;
    }
  }
};

std::string read_quoted(Reader& reader) {
  const char quote = reader.next();
  std::string value;
  for (++reader.at;; ++reader.at) {
    if (reader.next() == '\n') reader.fail("a quoted name does not end on its line");
    if (reader.next() == quote) {
      ++reader.at;
      if (quote == '"' || reader.next() != '\'') return value;
    } else if (reader.next() == '\\' && quote == '"') {
      ++reader.at;
      if (reader.next() != '"' && reader.next() != '\\') {
        reader.fail(fmt::format("the escape \\{} in a name is not read; write the character itself",
                                reader.next()));
      }
    }
    value += reader.next();
  }
}

/// A name; a plain one ends before a character of `stops`, a comment or the end of the line.
std::string read_name(Reader& reader, std::string_view stops) {
  reader.skip_blanks();
  if (reader.next() == '"' || reader.next() == '\'') return read_quoted(reader);
  std::string value;
  for (; reader.next() != '\n' && stops.find(reader.next()) == stops.npos; ++reader.at) {
    if (reader.next() == '#' && value.ends_with(' ')) break;
    value += reader.next();
  }
  value.erase(value.find_last_not_of(" \t\r") + 1);
  if (value.empty()) reader.fail("expected a class name, got nothing");
  if (std::string_view("&*!|>%@`[]{},?").find(value[0]) != std::string_view::npos ||
      value.find(": ") != value.npos) {
    reader.fail(fmt::format("expected a class name, got \"{}\"; put it in quotes", value));
  }
  return value;
}

/// "7:" at the reader's place.
int read_key(Reader& reader) {
  constexpr int kMostClasses = 100'000;
  int key = -1;
  const char* start = reader.text.data() + reader.at;
  const auto [end, code] = std::from_chars(start, reader.text.data() + reader.text.size(), key);
  if (code != std::errc() || key < 0 || key >= kMostClasses) {
    reader.fail(fmt::format("expected the number of a class from 0 to {}", kMostClasses - 1));
  }
  reader.at += std::size_t(end - start);
  if (reader.next() != ':') reader.fail("expected ':' behind the number of a class");
  ++reader.at;
  return key;
}

class Names {
 public:
  void add(const Reader& reader, std::optional<int> key, std::string name) {
    const int number = key ? *key : int(names_.size());
    if (!names_.emplace(number, std::move(name)).second) {
      reader.fail(fmt::format("class {} has a name already, \"{}\"", number, names_[number]));
    }
  }
  std::vector<std::string> list(const Reader& reader) const {
    std::vector<std::string> result;
    for (const auto& [number, name] : names_) {
      if (number != int(result.size())) {
        reader.fail(
            fmt::format("class {} has no name, but class {} has one", result.size(), number));
      }
      result.push_back(name);
    }
    if (result.empty()) reader.fail("expected class names, got none");
    return result;
  }

 private:
  std::map<int, std::string> names_;
};

/// [a, b] or {0: a, 1: b}, over several lines if need be.
void read_flow(Reader& reader, Names& names) {
  const bool map = reader.next() == '{';
  const char close = map ? '}' : ']';
  const std::string stops{',', close};
  ++reader.at;
  while (true) {
    reader.skip_space_and_comments();
    if (reader.done()) reader.fail(fmt::format("the class names do not end with '{}'", close));
    if (reader.next() == close) break;
    const std::optional<int> key = map ? std::optional<int>(read_key(reader)) : std::nullopt;
    names.add(reader, key, read_name(reader, stops));
    reader.skip_space_and_comments();
    if (reader.next() == ',') {
      ++reader.at;
    } else if (reader.next() != close || reader.done()) {
      reader.fail(fmt::format("expected ',' or '{}' behind a class name", close));
    }
  }
  ++reader.at;
  reader.end_line();
}

/// Lines "- a" or "0: a", all indented alike.
void read_block(Reader& reader, Names& names) {
  std::optional<std::size_t> indent;
  std::optional<bool> list;
  for (reader.skip_empty_lines(); !reader.done(); reader.skip_empty_lines()) {
    const std::size_t start = reader.at;
    while (reader.next() == ' ') ++reader.at;
    const std::size_t blanks = reader.at - start;
    const bool dash = reader.next() == '-';
    if (blanks == 0 && !dash) break;  // the next key
    if (reader.next() == '\t') reader.fail("a tab in the indentation, which YAML does not allow");
    if (indent.value_or(blanks) != blanks || list.value_or(dash) != dash) {
      reader.fail("expected class names that are all indented and written alike");
    }
    indent = blanks;
    list = dash;
    std::optional<int> key;
    if (dash) {
      ++reader.at;
    } else {
      key = read_key(reader);
    }
    if (reader.next() != ' ') reader.fail("expected a blank and a class name");
    names.add(reader, key, read_name(reader, ""));
    reader.end_line();
  }
}

/// Behind "names:" at the top level.
void find_names(Reader& reader) {
  constexpr std::string_view kKey = "names:";
  while (!reader.done() && !reader.text.substr(reader.at).starts_with(kKey)) {
    const std::size_t end = reader.text.find('\n', reader.at);
    reader.at = end == reader.text.npos ? reader.text.size() : end + 1;
  }
  if (reader.done()) {
    throw Error(reader.file, "expected a key \"names\" at the top level with the class names");
  }
  reader.at += kKey.size();
}

}  // namespace

std::vector<std::string> parse_yaml_names(std::string_view text, const std::string& file) {
  Reader reader{text, file};
  find_names(reader);
  Names names;
  reader.skip_blanks();
  if (reader.next() == '[' || reader.next() == '{') {
    read_flow(reader, names);
  } else {
    reader.end_line();
    read_block(reader, names);
  }
  return names.list(reader);
}

}  // namespace whyclip::detail
