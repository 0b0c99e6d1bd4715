#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::server {

using Json = nlohmann::json;

/// Parses a request's body. Throws RequestError (400) for text that is not JSON or not UTF-8, nests
/// deeper than 32 levels, has a key twice in an object or a number that no double holds.
Json parse_json(std::string_view text, const std::string& where);

/// Reads the fields of an object strictly: each getter names a known field, and finish() refuses
/// all others. A field that is absent or null has its default. Throws RequestError (400) naming the
/// field.
class ObjectReader {
 public:
  /// `object` must outlive the reader; null stands for an empty object.
  ObjectReader(const Json& object, std::string where);

  /// The field's value; null if it is absent.
  const Json& field(const char* name);
  bool boolean(const char* name, bool otherwise);
  std::string text(const char* name, const std::string& otherwise = {});
  /// A list of at most `most` texts that are not empty.
  std::vector<std::string> texts(const char* name, std::size_t most);
  std::int64_t integer(const char* name, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most);
  double number(const char* name, double otherwise, double least, double most);
  bool has(const char* name);
  /// The name of a field in errors: "options.classes".
  std::string name_of(std::string_view name) const;

  /// Throws RequestError for a field that was not read, with the list of those that were.
  void finish() const;

 private:
  const Json& object_;
  std::string where_;
  std::vector<std::string> known_;
};

}  // namespace whyclip::server
