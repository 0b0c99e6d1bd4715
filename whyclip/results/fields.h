#pragma once

// Not part of the public interface: it shows the JSON library that the project uses.

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/results/validate.h"

// A result struct names its fields once, in a function that all readers and writers call:
//
//   template <class Visitor, class T>
//     requires Describes<T, Target>
//   void describe(Visitor& field, T& target) {
//     field("kind", target.kind, "prompt, class, contrast or feature");
//     field("name", target.name, "for the reader");
//   }
//
// field.optional(…) describes a field that is absent where it is empty: an optional without a
// value, a list without entries. JsonWriter makes JSON of it, JsonReader the struct again,
// SchemaWriter the JSON Schema. Enums are written by name: name_of(value) and all_values(Enum*),
// which lists every value.

namespace whyclip::results {

using Json = nlohmann::ordered_json;

/// Whether T is the struct, or a const one.
template <class T, class Struct>
concept Describes = std::same_as<std::remove_const_t<T>, Struct>;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class V>
struct IsMap<std::map<std::string, V>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <>
struct IsPair<std::pair<std::string, std::string>> : std::true_type {};

/// The double with the fewest digits that reads back as the same float: 0.1F is written as 0.1, not
/// as 0.10000000149011612.
double shortest(float value);

/// Writes a struct's fields as an object.
class JsonWriter {
 public:
  template <class T>
  void operator()(const char* name, const T& value, const char*) {
    object_[name] = json_of(value);
  }
  template <class T>
  void optional(const char* name, const T& value, const char*) {
    if (value != T()) object_[name] = json_of(value);
  }
  /// A field that does not exist where the condition holds.
  template <class T>
  void unless(bool absent, const char* name, const T& value, const char*) {
    if (!absent) object_[name] = json_of(value);
  }

  /// What follows from other fields and is written for readers of the JSON.
  template <class T>
  void computed(const char* name, const T& value, const char* description) {
    (*this)(name, value, description);
  }

  template <class T>
  static Json json_of(const T& value) {
    if constexpr (IsOptional<T>::value) {
      return value ? json_of(*value) : Json();
    } else if constexpr (IsVector<T>::value) {
      Json list = Json::array();
      for (const auto& element : value) list.push_back(json_of(element));
      return list;
    } else if constexpr (IsMap<T>::value) {
      Json object = Json::object();
      for (const auto& [name, element] : value) object[name] = json_of(element);
      return object;
    } else if constexpr (IsPair<T>::value) {
      return Json::array({value.first, value.second});
    } else if constexpr (std::is_enum_v<T>) {
      return std::string(name_of(value));
    } else if constexpr (std::same_as<T, float>) {
      return Json(shortest(value));
    } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
      return Json(value);
    } else {
      JsonWriter inner;
      describe(inner, value);
      return std::move(inner.object_);
    }
  }

  Json take() { return std::move(object_); }

 private:
  Json object_ = Json::object();
};

/// Fills a struct's fields from an object. Throws Error naming the file and the field
/// ("cat.json: image.patch_size") for one that is missing, of another type or impossible (see
/// validate.h). Fields that no struct has are ignored.
class JsonReader {
 public:
  /// `where` names the object; `separator` stands between it and the name of a field: ": " after
  /// the name of a file.
  JsonReader(const Json& object, std::string where, std::string_view separator = ".")
      : object_(object), where_(std::move(where)), separator_(separator) {
    if (!object.is_object()) throw Error(where_, "expected an object");
  }

  template <class T>
  void operator()(const char* name, T& value, const char*) const {
    const auto found = object_.find(name);
    const std::string where = where_ + separator_ + name;
    if (found == object_.end()) throw Error(where, "is missing");
    read(*found, where, value);
  }
  template <class T>
  void optional(const char* name, T& value, const char* description) const {
    value = T();
    if (object_.contains(name)) (*this)(name, value, description);
  }
  template <class T>
  void unless(bool, const char* name, T& value, const char* description) const {
    optional(name, value, description);
  }

  template <class T>
  void computed(const char*, const T&, const char*) const {}

  template <class T>
  static void read(const Json& json, const std::string& where, T& value) {
    if constexpr (IsOptional<T>::value) {
      value.reset();
      if (!json.is_null()) read(json, where, value.emplace());
    } else if constexpr (IsVector<T>::value) {
      if (!json.is_array()) throw Error(where, "expected a list");
      value.clear();
      value.reserve(json.size());
      for (const Json& element : json) {
        const std::string at = where + "[" + std::to_string(value.size()) + "]";
        read(element, at, value.emplace_back());
      }
    } else if constexpr (IsMap<T>::value) {
      if (!json.is_object()) throw Error(where, "expected an object");
      value.clear();
      for (const auto& [name, element] : json.items()) {
        read(element, where + "." + name, value[name]);
      }
    } else if constexpr (IsPair<T>::value) {
      if (!json.is_array() || json.size() != 2) throw Error(where, "expected a pair of texts");
      read(json[0], where + "[0]", value.first);
      read(json[1], where + "[1]", value.second);
    } else if constexpr (std::is_enum_v<T>) {
      std::string name;
      read(json, where, name);
      for (const T known : all_values(static_cast<T*>(nullptr))) {
        if (name_of(known) == name) {
          value = known;
          return;
        }
      }
      throw Error(where, "is \"" + name + "\", which this version does not know");
    } else if constexpr (std::same_as<T, bool>) {
      if (!json.is_boolean()) throw Error(where, "expected true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      if (!json.is_number_integer()) throw Error(where, "expected a whole number");
      value = integer<T>(json, where);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!json.is_number()) throw Error(where, "expected a number");
      const double number = json.get<double>();
      if (std::abs(number) > double(std::numeric_limits<T>::max())) {
        throw Error(where, "is out of range");
      }
      value = static_cast<T>(number);
    } else if constexpr (std::same_as<T, std::string>) {
      if (!json.is_string()) throw Error(where, "expected a text");
      value = json.get<std::string>();
    } else {
      read_fields(JsonReader(json, where), value);
    }
  }

  template <class T>
  static void read_fields(const JsonReader& reader, T& value) {
    describe(reader, value);
    if constexpr (requires { validate(value, reader.where_); }) validate(value, reader.where_);
  }

 private:
  template <class T>
  static T integer(const Json& json, const std::string& where) {
    const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                : std::in_range<T>(json.get<std::int64_t>());
    if (!fits) throw Error(where, "is out of range");
    return json.get<T>();
  }

  const Json& object_;
  std::string where_, separator_;
};

/// Writes the JSON Schema of a struct's fields.
class SchemaWriter {
 public:
  template <class T>
  void operator()(const char* name, const T&, const char* description) {
    Json schema = schema_of<T>();
    if (description[0] != '\0') schema["description"] = description;
    properties_[name] = std::move(schema);
    required_.push_back(name);
  }
  template <class T>
  void optional(const char* name, const T& value, const char* description) {
    (*this)(name, value, description);
    required_.erase(required_.size() - 1);
  }
  template <class T>
  void unless(bool, const char* name, const T& value, const char* description) {
    optional(name, value, description);
  }

  template <class T>
  void computed(const char* name, const T& value, const char* description) {
    (*this)(name, value, description);
  }

  template <class T>
  static Json schema_of() {
    if constexpr (IsOptional<T>::value) {
      return {{"anyOf", {schema_of<typename T::value_type>(), {{"type", "null"}}}}};
    } else if constexpr (IsVector<T>::value) {
      return {{"type", "array"}, {"items", schema_of<typename T::value_type>()}};
    } else if constexpr (IsMap<T>::value) {
      return {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>()}};
    } else if constexpr (IsPair<T>::value) {
      return {{"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", 2}, {"maxItems", 2}};
    } else if constexpr (std::is_enum_v<T>) {
      Json names = Json::array();
      for (const T value : all_values(static_cast<T*>(nullptr))) {
        names.push_back(std::string(name_of(value)));
      }
      return {{"enum", std::move(names)}};
    } else if constexpr (std::same_as<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
      return {{"type", "integer"}};
    } else if constexpr (std::is_floating_point_v<T>) {
      return {{"type", "number"}};
    } else if constexpr (std::same_as<T, std::string>) {
      return {{"type", "string"}};
    } else {
      SchemaWriter inner;
      const T empty{};
      describe(inner, empty);
      return inner.object();
    }
  }

  Json object() {
    return {{"type", "object"},
            {"properties", std::move(properties_)},
            {"required", std::move(required_)}};
  }

 private:
  Json properties_ = Json::object(), required_ = Json::array();
};

/// The version of a kind of result, and the text that begins its JSON: "whyclip explanation 1".
struct Format {
  const char* kind;  ///< "explanation"
  int version;

  std::string name() const;
};

/// JSON of a result with its "format" in front, and as text: `indent` as nlohmann's dump has it,
/// bytes that are no UTF-8 replaced.
std::string text_of(const Format& format, Json object, int indent);

/// The object of a result's JSON text. Throws Error naming `where` for text that is not JSON or was
/// cut off, for JSON that is nested too deeply, for another kind of result, and for a newer version
/// of the format.
Json object_of(const Format& format, std::string_view text, const std::string& where);

/// A JSON Schema (draft 2020-12) for results of this format.
std::string schema_text(const Format& format, Json object_schema);

/// All three for one struct.
template <class T>
std::string write(const Format& format, const T& value, int indent) {
  return text_of(format, JsonWriter::json_of(value), indent);
}

template <class T>
T read(const Format& format, std::string_view text, const std::string& where) {
  T value{};
  const Json object = object_of(format, text, where);
  JsonReader::read_fields(JsonReader(object, where, ": "), value);
  return value;
}

template <class T>
std::string schema(const Format& format) {
  return schema_text(format, SchemaWriter::schema_of<T>());
}

}  // namespace whyclip::results
