#include "whyclip/dataset/yaml_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

/// A cursor in the text; errors name the line.
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
  /// Moves to the next line; fails if the current line has more text.
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

/// Joins a line to the next one with one blank (YAML line folding).
void fold_line(Reader& reader, std::string& value) {
  value.erase(value.find_last_not_of(" \t\r") + 1);
  while (reader.next() == '\n' && !reader.done()) {
    ++reader.at;
    reader.skip_blanks();
  }
  value += ' ';
}

/// A code point as UTF-8 (RFC 3629).
std::string utf8_of(std::uint32_t point) {
  if (point < 0x80) return {char(point)};
  if (point < 0x800) return {char(0xc0 | point >> 6), char(0x80 | (point & 63))};
  if (point < 0x10000) {
    return {char(0xe0 | point >> 12), char(0x80 | (point >> 6 & 63)), char(0x80 | (point & 63))};
  }
  return {char(0xf0 | point >> 18), char(0x80 | (point >> 12 & 63)), char(0x80 | (point >> 6 & 63)),
          char(0x80 | (point & 63))};
}

/// Reads what follows a backslash in double quotes: a character by its number (\x, \u, \U), or the
/// character itself.
std::string read_escape(Reader& reader) {
  const char kind = reader.next();
  const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits == 0) {
    if (kind == '"' || kind == '\\' || kind == '/' || kind == ' ') return {kind};
    reader.fail(fmt::format(
        "the escape \\{} in a name is not supported; write the character itself", kind));
  }
  const std::string_view hex = reader.text.substr(reader.at + 1).substr(0, digits);
  std::uint32_t point = 0;
  const auto [end, code] = std::from_chars(hex.data(), hex.data() + hex.size(), point, 16);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (code != std::errc() || end != hex.data() + digits || point > 0x10ffff || surrogate) {
    reader.fail(fmt::format("\\{}{} is not a valid code point", kind, hex));
  }
  reader.at += digits;
  return utf8_of(point);
}

std::string read_quoted(Reader& reader) {
  const char quote = reader.next();
  std::string value;
  ++reader.at;
  while (true) {
    if (reader.done()) reader.fail("a quoted name is not closed");
    if (reader.next() == '\n') {
      fold_line(reader, value);
    } else if (reader.next() == quote) {
      ++reader.at;
      if (quote == '"' || reader.next() != '\'') return value;
      value += '\'';
      ++reader.at;
    } else if (reader.next() == '\\' && quote == '"') {
      ++reader.at;
      if (reader.next() == '\n' || reader.next() == '\r') {  // lines are joined without a blank
        reader.at = std::min(reader.text.find('\n', reader.at), reader.text.size() - 1) + 1;
        reader.skip_blanks();
        continue;
      }
      value += read_escape(reader);
      ++reader.at;
    } else {
      value += reader.next();
      ++reader.at;
    }
  }
}

/// Reads a name. A plain name ends before a character of `stops`, at a comment or, without stops,
/// at the end of the line.
std::string read_name(Reader& reader, std::string_view stops) {
  reader.skip_blanks();
  if (reader.next() == '"' || reader.next() == '\'') return read_quoted(reader);
  std::string value;
  while (!reader.done() && stops.find(reader.next()) == stops.npos) {
    if (reader.next() == '#' && (value.ends_with(' ') || value.ends_with('\t'))) break;
    if (reader.next() == '\n') {
      if (stops.empty()) break;
      fold_line(reader, value);
    } else {
      value += reader.next();
      ++reader.at;
    }
  }
  value.erase(value.find_last_not_of(" \t\r") + 1);
  if (value.empty()) reader.fail("expected a class name, got nothing");
  if (std::string_view("&*!|>%@`[]{},?").find(value[0]) != std::string_view::npos ||
      value.find(": ") != value.npos) {
    reader.fail(fmt::format("expected a class name, got \"{}\"; put it in quotes", value));
  }
  return value;
}

/// Reads "7:", "'7':" or "\"7\":".
int read_key(Reader& reader) {
  constexpr int kMaxClasses = 100'000;
  int key = -1;
  const char quote = reader.next() == '\'' || reader.next() == '"' ? reader.next() : '\0';
  reader.at += quote == '\0' ? 0 : 1;
  const char* start = reader.text.data() + reader.at;
  const auto [end, code] = std::from_chars(start, reader.text.data() + reader.text.size(), key);
  if (code != std::errc() || key < 0 || key >= kMaxClasses) {
    reader.fail(fmt::format("expected a class number from 0 to {}", kMaxClasses - 1));
  }
  reader.at += std::size_t(end - start);
  if (quote != '\0' && reader.next() == quote) ++reader.at;
  if (reader.next() != ':') reader.fail("expected ':' after the class number");
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
  std::vector<std::string> all() const {
    std::vector<std::string> result;
    for (const auto& entry : names_) result.push_back(entry.second);
    return result;
  }

 private:
  std::map<int, std::string> names_;
};

/// Reads [a, b] or {0: a, 1: b}, possibly over several lines.
void read_flow(Reader& reader, Names& names) {
  const bool map = reader.next() == '{';
  const char close = map ? '}' : ']';
  const std::string stops{',', close};
  ++reader.at;
  while (true) {
    reader.skip_space_and_comments();
    if (reader.done()) reader.fail(fmt::format("the class names are not closed with '{}'", close));
    if (reader.next() == close) break;
    const std::optional<int> key = map ? std::optional<int>(read_key(reader)) : std::nullopt;
    names.add(reader, key, read_name(reader, stops));
    reader.skip_space_and_comments();
    if (reader.next() == ',') {
      ++reader.at;
    } else if (reader.next() != close || reader.done()) {
      reader.fail(fmt::format("expected ',' or '{}' after a class name", close));
    }
  }
  ++reader.at;
  reader.end_line();
}

/// Reads lines "- a" or "0: a" with equal indentation.
void read_block(Reader& reader, Names& names) {
  std::optional<std::size_t> indent;
  std::optional<bool> list;
  for (reader.skip_empty_lines(); !reader.done(); reader.skip_empty_lines()) {
    const std::size_t start = reader.at;
    while (reader.next() == ' ') ++reader.at;
    const std::size_t blanks = reader.at - start;
    const bool dash = reader.next() == '-';
    if (blanks == 0 && !dash) break;  // the next key
    if (reader.next() == '\t') reader.fail("YAML does not allow a tab in the indentation");
    if (indent.value_or(blanks) != blanks || list.value_or(dash) != dash) {
      reader.fail("expected class names with the same indentation and the same form");
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

/// Moves past "key:" at the top level. Returns whether the key exists.
bool find_key(Reader& reader, std::string_view key) {
  while (!reader.done()) {
    const std::string_view rest = reader.text.substr(reader.at);
    const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
    const std::size_t start = quoted ? 1 : 0;
    if (rest.substr(start).starts_with(key) &&
        (!quoted || rest.substr(start + key.size()).starts_with(rest[0]))) {
      const std::size_t end = 2 * start + key.size();
      const std::size_t colon = rest.find_first_not_of(" \t", end);
      if (colon != rest.npos && rest[colon] == ':') {
        reader.at += colon + 1;
        return true;
      }
    }
    reader.at = std::min(reader.text.find('\n', reader.at), reader.text.size() - 1) + 1;
  }
  return false;
}

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

void read_list(Reader& reader, Names& names) {
  if (reader.next() == '[' || reader.next() == '{') {
    read_flow(reader, names);
  } else {
    reader.end_line();
    read_block(reader, names);
  }
}

}  // namespace

std::vector<std::string> parse_yaml_names(std::string_view text, const std::string& file) {
  Reader reader{without_byte_order_mark(text), file};
  if (!find_key(reader, "names")) {
    throw Error(file, "expected a key \"names\" at the top level with the class names");
  }
  Names names;
  reader.skip_blanks();
  read_list(reader, names);
  return names.list(reader);
}

std::vector<std::string> parse_yaml_texts(std::string_view text, const std::string& file,
                                          std::string_view key) {
  Reader reader{without_byte_order_mark(text), file};
  if (!find_key(reader, key)) return {};
  reader.skip_blanks();
  reader.skip_comment();
  Names texts;
  const bool empty = reader.next() == '\n' || reader.next() == '~';
  if (!empty && reader.next() != '[') {
    std::string value = read_name(reader, "");
    return value == "null" ? std::vector<std::string>{} : std::vector<std::string>{value};
  }
  if (reader.next() == '~') return {};
  read_list(reader, texts);
  return texts.all();
}

}  // namespace whyclip::detail
