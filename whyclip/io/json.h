#pragma once

// Not part of the public interface: it exposes the JSON library.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace whyclip {

/// Levels of nesting that are read: real files have fewer than 20, and printing uses stack for
/// each.
inline constexpr int kMostJsonDepth = 100;

/// Whether arrays and objects are nested in more than kMostJsonDepth levels. Reads the text once; a
/// parser's callback would take quadratic time. The text need not be JSON.
bool nests_too_deeply(std::string_view json);

/// A JSON value with its file and path, so that errors name the field.
class JsonView {
 public:
  /// `file` is the document's name in messages. Throws Error if the text is not JSON.
  static JsonView parse(std::string_view text, std::string file);
  static JsonView read(const std::filesystem::path& path);

  bool has(std::string_view key) const;     ///< present and not null
  JsonView at(std::string_view key) const;  ///< throws Error if absent or not an object
  std::string where() const;                ///< "config.json: vision_config.hidden_size"
  const nlohmann::json& value() const { return *value_; }

  std::string string() const;  ///< the getters throw Error if the type differs
  double number() const;
  bool boolean() const;
  /// Throws Error unless the value is an integer in [least, most].
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  std::vector<double> numbers() const;
  std::vector<JsonView> items() const;    ///< elements of a list, each with its path: "rows[2]"
  std::vector<std::string> keys() const;  ///< keys of an object, including null values

 private:
  JsonView(std::shared_ptr<const nlohmann::json> root, const nlohmann::json* value,
           std::string file, std::string path)
      : root_(std::move(root)), value_(value), file_(std::move(file)), path_(std::move(path)) {}

  std::shared_ptr<const nlohmann::json> root_;
  const nlohmann::json* value_;
  std::string file_;
  std::string path_;
};

}  // namespace whyclip
