#include "server/json_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/failure.h"

namespace whyclip::server {
namespace {

constexpr std::size_t kMostDepth = 32;  // results have fewer than 12 levels

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

/// Builds the value while the text is parsed, and refuses deep nesting and repeated keys. (The JSON
/// library's parser with a callback takes quadratic time for long lists of objects.)
class StrictBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit StrictBuilder(std::string where) : where_(std::move(where)) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }  // text has none
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    const auto [field, is_new] = open_.back()->emplace(name, nullptr);
    if (!is_new) refuse(where_, fmt::format("has the key \"{}\" twice in one object", name));
    field_ = &*field;
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kOutOfRange = 406;  // the JSON library's number of this error
    if (error.id == kOutOfRange) refuse(where_, "is not JSON: a number in it is out of range");
    refuse(where_, fmt::format("is not JSON: byte {} cannot be read", byte));
  }

 private:
  /// Returns the value where it was put.
  Json& put(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object()) return *field_ = std::move(value);
    open_.back()->push_back(std::move(value));
    return open_.back()->back();
  }

  bool add(Json value) {
    put(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() == kMostDepth) {
      refuse(where_, fmt::format("its JSON has more than {} levels", kMostDepth));
    }
    open_.push_back(&put(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string where_;
  Json root_;
  std::vector<Json*> open_;  // each is the last element or field of the one before it
  Json* field_ = nullptr;    // of the innermost object, whose value comes next
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  if (text.empty()) refuse(where, "is empty; expected a JSON object");
  StrictBuilder builder(where);
  Json::sax_parse(text, &builder);
  return builder.take();
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
