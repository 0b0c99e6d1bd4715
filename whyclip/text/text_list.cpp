#include "whyclip/text/text_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/text/unicode.h"

namespace whyclip {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kForms =
    "expected an array of names, {\"0\": \"tench\"}, {\"0\": [\"n01440764\", \"tench\"]}, "
    "{\"tench\": 0} or {\"n01440764\": \"tench\"}";

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

bool is_json_name(std::string_view file) {
  constexpr std::string_view kEnding = ".json";
  return file.size() >= kEnding.size() &&
         std::equal(kEnding.begin(), kEnding.end(), file.end() - std::ptrdiff_t(kEnding.size()),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

/// The first two characters that are not blank; '\0' for a missing one.
std::array<char, 2> beginning(std::string_view text) {
  std::array<char, 2> result{};
  std::size_t at = text.find_first_not_of(kBlanks);
  for (std::size_t i = 0; i < result.size() && at != text.npos; ++i) {
    result[i] = text[at];
    at = text.find_first_not_of(kBlanks, at + 1);
  }
  return result;
}

/// Rejects Python literals. A widespread list of ImageNet classes is a Python dict; as text it
/// would give names such as "{0: 'tench, Tinca tinca',".
void reject_python(std::string_view text, std::string_view file) {
  const auto [first, second] = beginning(text);
  const bool digit = kDigits.find(second) != kDigits.npos && second != '\0';
  if ((first == '[' || first == '{') && (second == '\'' || (first == '{' && digit))) {
    throw Error(file,
                "is a Python literal; expected one name a line, or JSON (Python: json.dump(value, "
                "open(\"classes.json\", \"w\")))");
  }
}

void reject_other_encodings(std::string_view text, std::string_view file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(file, "is UTF-16 text; save it as UTF-8");
  }
}

std::vector<ListEntry> lines_of(std::string_view text, std::string_view file) {
  std::vector<ListEntry> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    const bool pair = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(end + (pair ? 2 : 1), text.size()));
    if (line.empty() || line.front() == '#') continue;
    lines.push_back({std::string(line), fmt::format("{}:{}", file, number)});
    decode_utf8(line, lines.back().where);
  }
  return lines;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = code == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 ? std::optional(value) : std::nullopt;
}

/// Returns whether the text is a WordNet noun id as in ImageNet: "n01440764".
bool is_wordnet_id(std::string_view text) {
  constexpr std::size_t kLength = 9;
  return text.size() == kLength && text.front() == 'n' &&
         text.find_first_not_of(kDigits, 1) == text.npos;
}

/// The name in "tench", ["n01440764", "tench"] or {"name": "tench"}.
std::string name_in(const JsonView& view) {
  if (view.value().is_object()) return view.at("name").string();
  if (!view.value().is_array()) return view.string();
  const std::vector<JsonView> parts = view.items();
  if (parts.size() != 2 || !is_wordnet_id(parts[0].string())) {
    throw Error(view.where(),
                "expected a name or a pair of a WordNet id and a name, such as "
                "[\"n01440764\", \"tench\"]");
  }
  return parts[1].string();
}

std::vector<ListEntry> names_of_object(const JsonView& object) {
  const std::vector<std::string> keys = object.keys();
  const bool numbered =
      std::ranges::all_of(keys, [](const std::string& key) { return number_in(key).has_value(); });
  const bool indexed = std::ranges::all_of(
      object.value(), [](const auto& value) { return value.is_number_integer(); });
  if (!numbered && !indexed && !std::ranges::all_of(keys, is_wordnet_id)) {
    throw Error(object.where(), fmt::format("{}, got an object with the key \"{}\"", kForms,
                                            *std::ranges::find_if_not(keys, is_wordnet_id)));
  }
  std::vector<std::pair<std::int64_t, ListEntry>> entries;
  for (const std::string& key : keys) {
    const JsonView value = object.at(key);
    const std::int64_t number = numbered  ? *number_in(key)
                                : indexed ? value.integer(0, std::int64_t{1} << 53)
                                          : std::int64_t(entries.size());
    entries.emplace_back(number,
                         ListEntry{indexed && !numbered ? key : name_in(value), value.where()});
  }
  std::ranges::stable_sort(entries, {}, [](const auto& entry) { return entry.first; });
  const auto same = std::ranges::adjacent_find(
      entries, [](const auto& a, const auto& b) { return a.first == b.first; });
  if (same != entries.end()) {
    throw Error((same + 1)->second.where,
                fmt::format("has the same number {} as \"{}\"", same->first, same->second.text));
  }
  std::vector<ListEntry> names;
  for (auto& entry : entries) names.push_back(std::move(entry.second));
  return names;
}

std::vector<ListEntry> names_of(const JsonView& view, bool may_be_inside) {
  std::vector<ListEntry> names;
  if (view.value().is_array()) {
    for (const JsonView& item : view.items()) names.push_back({name_in(item), item.where()});
    return names;
  }
  if (!view.value().is_object()) throw Error(view.where(), std::string(kForms));
  for (const char* key : {"classes", "class_names", "names", "labels", "categories", "id2label"}) {
    if (may_be_inside && view.has(key) && view.at(key).value().is_structured()) {
      return names_of(view.at(key), false);
    }
  }
  return names_of_object(view);
}

std::vector<ListEntry> json_entries(const JsonView& view, JsonForms forms) {
  std::vector<ListEntry> entries;
  if (forms == JsonForms::kNames) {
    entries = names_of(view, true);
  } else {
    for (const JsonView& item : view.items()) entries.push_back({item.string(), item.where()});
  }
  for (const ListEntry& entry : entries) {
    if (trimmed(entry.text).empty()) throw Error(entry.where, "is empty; expected text");
  }
  return entries;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool is_json_list(std::string_view text, std::string_view file, JsonForms forms) {
  if (is_json_name(file)) return true;
  const auto [first, second] = beginning(without_mark(text));
  const bool object =
      forms == JsonForms::kNames && first == '{' && (second == '"' || second == '}');
  return object ||
         (first == '[' && std::string_view("\"[{]").find(second) != std::string_view::npos);
}

std::vector<ListEntry> parse_text_list(std::string_view text, std::string_view file,
                                       std::string_view wanted, JsonForms forms) {
  reject_other_encodings(text, file);
  text = without_mark(text);
  std::vector<ListEntry> entries;
  if (is_json_list(text, file, forms)) {
    entries = json_entries(JsonView::parse(text, std::string(file)), forms);
  } else {
    if (forms == JsonForms::kNames) reject_python(text, file);
    entries = lines_of(text, file);
  }
  if (entries.empty()) throw Error(file, fmt::format("has no {}", wanted));
  return entries;
}

}  // namespace whyclip
