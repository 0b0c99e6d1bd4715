#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "whyclip/io/json.h"
#include "whyclip/results/fields.h"

namespace whyclip::results {
namespace {

constexpr std::string_view kBegin = "whyclip ";

/// The kind and the version of "whyclip explanation 1"; the kind is empty if the text has another
/// form. A version that no int holds is the largest or smallest int.
std::pair<std::string, int> kind_and_version(std::string_view name) {
  using Limits = std::numeric_limits<int>;
  if (!name.starts_with(kBegin)) return {};
  name.remove_prefix(kBegin.size());
  const std::size_t space = name.rfind(' ');
  if (space == name.npos) return {};
  int version = 0;
  const std::string_view digits = name.substr(space + 1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (failed == std::errc::invalid_argument || end != digits.data() + digits.size()) return {};
  if (failed != std::errc()) version = digits.starts_with('-') ? Limits::min() : Limits::max();
  return {std::string(name.substr(0, space)), version};
}

/// Why a text is not JSON. The parser names the token that it expected last: after a complete value
/// the end of the text.
std::string reason_of(const Json::parse_error& error, std::size_t size) {
  const std::string_view what = error.what();
  if (what.ends_with("; expected end of input")) {
    return fmt::format("is not JSON: text after the end, at byte {}", error.byte);
  }
  return error.byte >= size ? "ends in the middle: the file was cut off; write it again"
                            : fmt::format("is not JSON: byte {} cannot be read", error.byte);
}

/// Throws Error for text that is not JSON, nests too deeply or has a number that no double holds.
Json parsed(std::string_view text, const std::string& where) {
  if (nests_too_deeply(text)) throw Error(where, "its JSON is nested too deeply");
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error(where, reason_of(error, text.size()));
  } catch (const Json::out_of_range&) {
    throw Error(where, "is not JSON: a number in it is out of range");
  }
}

}  // namespace

double shortest(float value) {
  constexpr std::size_t kLongest = 32;
  std::array<char, kLongest> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double read = 0;
  const auto end = std::from_chars(text.data(), written.ptr, read);
  const bool exact =
      written.ec == std::errc() && end.ec == std::errc() && static_cast<float>(read) == value;
  return exact ? read : static_cast<double>(value);
}

std::string Format::name() const { return fmt::format("{}{} {}", kBegin, kind, version); }

std::string text_of(const Format& format, Json object, int indent) {
  Json result{{"format", format.name()}};
  result.update(object);
  return result.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json object_of(const Format& format, std::string_view text, const std::string& where) {
  Json json = parsed(text, where);
  const auto found = json.is_object() ? json.find("format") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_string()) {
    throw Error(where, fmt::format("is not a result of whyclip; expected JSON with \"format\": "
                                   "\"{}\"",
                                   format.name()));
  }
  const auto [kind, version] = kind_and_version(found->get<std::string>());
  if (kind != format.kind) {
    throw Error(where, fmt::format("is another kind of file: its format is \"{}\"; expected \"{}\"",
                                   found->get<std::string>(), format.name()));
  }
  if (version > format.version) {
    throw Error(where,
                fmt::format("has the newer format \"{}\"; this whyclip reads \"{}\": use a "
                            "newer whyclip",
                            found->get<std::string>(), format.name()),
                ErrorCode::kUnsupported);
  }
  if (version < format.version) {
    throw Error(where, fmt::format("has the older format \"{}\"; this whyclip reads \"{}\": make "
                                   "the result again",
                                   found->get<std::string>(), format.name()));
  }
  return json;
}

std::string schema_text(const Format& format, Json object_schema) {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", format.name()}};
  Json properties{{"format", {{"const", format.name()}}}};
  properties.update(object_schema["properties"]);
  object_schema["properties"] = std::move(properties);
  object_schema["required"].insert(object_schema["required"].begin(), "format");
  schema.update(object_schema);
  return schema.dump(1) + "\n";
}

}  // namespace whyclip::results
