#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "whyclip/results/fields.h"

namespace whyclip::results {
namespace {

constexpr std::string_view kBegin = "whyclip ";

/// "whyclip explanation 1" taken apart; the version is 0 if it is none of ours.
std::pair<std::string, int> kind_and_version(std::string_view name) {
  if (!name.starts_with(kBegin)) return {};
  name.remove_prefix(kBegin.size());
  const std::size_t space = name.rfind(' ');
  if (space == name.npos) return {};
  int version = 0;
  const std::string_view digits = name.substr(space + 1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (failed != std::errc() || end != digits.data() + digits.size()) return {};
  return {std::string(name.substr(0, space)), version};
}

}  // namespace

std::string Format::name() const { return fmt::format("{}{} {}", kBegin, kind, version); }

std::string text_of(const Format& format, Json object, int indent) {
  Json result{{"format", format.name()}};
  result.update(object);
  return result.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json object_of(const Format& format, std::string_view text, const std::string& where) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const bool cut = error.byte >= text.size();
    throw Error(where, cut ? "ends in the middle: the file was cut off; write it again"
                           : fmt::format("is not JSON: byte {} cannot be read", error.byte));
  }
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
