#include "whyclip/dataset/yaml_names.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <map>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

/// More than the names of the 21 841 classes of ImageNet take. yaml-cpp takes quadratic time for
/// some texts, such as a megabyte of brackets.
constexpr std::size_t kMostBytes = 512 << 10;
constexpr int kMostClasses = 100'000;

Error error_at(const std::string& file, const YAML::Mark& mark, const std::string& what) {
  return {mark.is_null() ? file : fmt::format("{}: line {}", file, mark.line + 1), what};
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// Throws Error for characters that YAML does not allow: yaml-cpp ends the text at U+0004.
void check_characters(std::string_view text, const std::string& file) {
  int line = 1;
  for (const char c : text) {
    if (is_control(c) && c != '\t' && c != '\n' && c != '\r') {
      throw Error(fmt::format("{}: line {}", file, line),
                  fmt::format("YAML does not allow the control character 0x{:02X}",
                              static_cast<unsigned char>(c)));
    }
    line += c == '\n' ? 1 : 0;
  }
}

/// The value of a key at the top level; undefined if there is none. yaml-cpp limits the nesting,
/// and an alias is a reference to its anchor, not a copy.
YAML::Node value_of(std::string_view text, const std::string& file, std::string_view key) {
  if (text.size() > kMostBytes) {
    throw Error(file,
                fmt::format("expected at most {} bytes of YAML, got {}", kMostBytes, text.size()),
                ErrorCode::kLimit);
  }
  check_characters(text, file);
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
    return root[std::string(key)];
  } catch (const YAML::DeepRecursion& error) {
    throw error_at(file, error.mark, "lists and maps are nested too deeply");
  } catch (const YAML::Exception& error) {
    throw error_at(file, error.mark, fmt::format("is not valid YAML: {}", error.msg));
  }
}

/// A text in its order or under its number.
std::string scalar_text(const YAML::Node& node, const std::string& file, std::string_view wanted) {
  const auto refuse = [&](std::string_view found) {
    return error_at(file, node.Mark(),
                    fmt::format("expected {}, got {}; put it in quotes", wanted, found));
  };
  if (node.IsNull()) throw refuse("nothing");
  if (!node.IsScalar()) throw refuse(node.IsMap() ? "a map" : "a list");
  for (const char c : node.Scalar()) {
    if (is_control(c)) {
      throw error_at(file, node.Mark(),
                     fmt::format("expected {} without control characters, got 0x{:02X}", wanted,
                                 static_cast<unsigned char>(c)));
    }
  }
  return node.Scalar();
}

/// Reads the key of {7: a}.
int number_of(const YAML::Node& key, const std::string& file) {
  const std::string text = key.IsScalar() ? key.Scalar() : "";
  int number = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 0 ||
      number >= kMostClasses) {
    throw error_at(file, key.Mark(),
                   fmt::format("expected a class number from 0 to {}", kMostClasses - 1));
  }
  return number;
}

/// The texts of a list or of a map of numbers, by number.
std::map<int, std::string> texts_of(const YAML::Node& node, const std::string& file,
                                    std::string_view wanted) {
  std::map<int, std::string> texts;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      texts.emplace(int(texts.size()), scalar_text(item, file, wanted));
    }
    return texts;
  }
  for (const auto& entry : node) {
    const int number = number_of(entry.first, file);
    if (!texts.emplace(number, scalar_text(entry.second, file, wanted)).second) {
      throw error_at(file, entry.first.Mark(),
                     fmt::format("class {} has a name already, \"{}\"", number, texts[number]));
    }
  }
  return texts;
}

}  // namespace

std::vector<std::string> parse_yaml_names(std::string_view text, const std::string& file) {
  const YAML::Node node = value_of(text, file, "names");
  if (!node.IsDefined()) {
    throw Error(file, "expected a key \"names\" at the top level with the class names");
  }
  if (node.IsScalar()) {
    throw error_at(file, node.Mark(), "expected a list of class names, got one text");
  }
  std::vector<std::string> names;
  for (auto& [number, name] : texts_of(node, file, "a class name")) {
    if (number != int(names.size())) {
      throw error_at(
          file, node.Mark(),
          fmt::format("class {} has no name, but class {} has one", names.size(), number));
    }
    names.push_back(name);
  }
  if (names.empty()) throw error_at(file, node.Mark(), "expected class names, got none");
  return names;
}

std::vector<std::string> parse_yaml_texts(std::string_view text, const std::string& file,
                                          std::string_view key) {
  const YAML::Node node = value_of(text, file, key);
  if (!node.IsDefined() || node.IsNull()) return {};
  if (node.IsScalar()) return {scalar_text(node, file, "a text")};
  std::vector<std::string> texts;
  for (auto& entry : texts_of(node, file, "a text")) texts.push_back(entry.second);
  return texts;
}

}  // namespace whyclip::detail
