#include "server/json_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "server/failure.h"

namespace whyclip::server {
namespace {

constexpr int kMostDepth = 32;  // results have fewer than 12 levels

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

/// Refuses deep nesting and repeated keys while the text is parsed.
class Strictness {
 public:
  explicit Strictness(std::string where) : where_(std::move(where)) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > kMostDepth) {
      refuse(where_, fmt::format("its JSON has more than {} levels", kMostDepth));
    }
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        refuse(where_, fmt::format("has the key \"{}\" twice in one object", key));
      }
    }
    return true;
  }

 private:
  std::string where_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  Strictness strictness(where);
  try {
    return Json::parse(text, [&](int depth, Json::parse_event_t event, const Json& parsed) {
      return strictness(depth, event, parsed);
    });
  } catch (const Json::parse_error& error) {
    refuse(where, text.empty() ? std::string("is empty; expected a JSON object")
                               : fmt::format("is not JSON: byte {} cannot be read", error.byte));
  } catch (const Json::out_of_range&) {
    refuse(where, "is not JSON: a number in it is out of range");
  }
}

ObjectReader::ObjectReader(const Json& object, std::string where)
    : object_(object.is_null() ? empty_object() : object), where_(std::move(where)) {
  if (!object_.is_object()) refuse(where_, "expected a JSON object");
}

std::string ObjectReader::name_of(std::string_view name) const {
  return fmt::format("{}.{}", where_, name);
}

const Json& ObjectReader::field(const char* name) {
  static const Json none;
  known_.emplace_back(name);
  const auto found = object_.find(name);
  return found == object_.end() ? none : *found;
}

bool ObjectReader::has(const char* name) { return !field(name).is_null(); }

bool ObjectReader::boolean(const char* name, bool otherwise) {
  const Json& value = field(name);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) refuse(name_of(name), "expected true or false");
  return value.get<bool>();
}

std::string ObjectReader::text(const char* name, const std::string& otherwise) {
  const Json& value = field(name);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) refuse(name_of(name), "expected a text");
  return value.get<std::string>();
}

std::vector<std::string> ObjectReader::texts(const char* name, std::size_t most) {
  const Json& value = field(name);
  if (value.is_null()) return {};
  if (!value.is_array()) refuse(name_of(name), "expected a list of texts");
  if (value.size() > most) {
    refuse(name_of(name), fmt::format("expected at most {} texts, got {}", most, value.size()));
  }
  std::vector<std::string> texts;
  for (const Json& element : value) {
    const std::string where = fmt::format("{}[{}]", name_of(name), texts.size());
    if (!element.is_string()) refuse(where, "expected a text");
    texts.push_back(element.get<std::string>());
    if (texts.back().empty()) refuse(where, "is empty: write a text");
  }
  return texts;
}

std::int64_t ObjectReader::integer(const char* name, std::int64_t otherwise, std::int64_t least,
                                   std::int64_t most) {
  const Json& value = field(name);
  if (value.is_null()) return otherwise;
  const bool whole =
      value.is_number_integer() &&
      (!value.is_number_unsigned() || std::in_range<std::int64_t>(value.get<std::uint64_t>()));
  if (!whole || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
    refuse(name_of(name), fmt::format("expected a whole number from {} to {}", least, most));
  }
  return value.get<std::int64_t>();
}

double ObjectReader::number(const char* name, double otherwise, double least, double most) {
  const Json& value = field(name);
  if (value.is_null()) return otherwise;
  const double number = value.is_number() ? value.get<double>() : NAN;
  if (!(number >= least && number <= most)) {
    refuse(name_of(name), fmt::format("expected a number from {} to {}", least, most));
  }
  return number;
}

void ObjectReader::finish() const {
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::find(known_, name) != known_.end()) continue;
    std::vector<std::string> known = known_;
    std::ranges::sort(known);
    refuse(name_of(name),
           known.empty() ? "is not known: no field is expected here"
                         : fmt::format("is not known; expected one of {}", fmt::join(known, ", ")));
  }
}

}  // namespace whyclip::server
