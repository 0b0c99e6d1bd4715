#include "whyclip/io/json.h"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/file_kind.h"

namespace whyclip {
namespace {

std::string shown(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

/// What a syntax error at a byte means, from 1.
std::string what_is_wrong(std::string_view text, std::size_t byte) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return ": it is empty";
  if (byte <= text.size()) return fmt::format(" at byte {} of {}", byte, text.size());
  return fmt::format(
      ": it ends in the middle, after {} byte{}; if it was downloaded or copied, do so again",
      text.size(), text.size() == 1 ? "" : "s");
}

}  // namespace

bool nests_too_deeply(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') {
      ++i;  // the character after it cannot end the string
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      if (++depth > kMostJsonDepth) return true;
    } else if (!in_string && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return false;
}

JsonView JsonView::parse(std::string_view text, std::string file) {
  if (nests_too_deeply(text)) throw Error(file, "its JSON is nested too deeply");
  try {
    auto root = std::make_shared<const nlohmann::json>(nlohmann::json::parse(text));
    const nlohmann::json* value = root.get();
    return {std::move(root), value, std::move(file), ""};
  } catch (const nlohmann::json::parse_error& error) {
    if (const auto kind = recognise_file(std::as_bytes(std::span(text))); kind && !text.empty()) {
      throw Error(file, fmt::format("expected JSON, got {}; {}", kind->name, kind->advice));
    }
    throw Error(file, fmt::format("not valid JSON{}", what_is_wrong(text, error.byte)));
  } catch (const nlohmann::json::out_of_range&) {
    throw Error(file, "not valid JSON: a number in it is out of range");
  }
}

JsonView JsonView::read(const std::filesystem::path& path) {
  return parse(read_text(path), path.string());
}

bool JsonView::has(std::string_view key) const {
  if (!value_->is_object()) return false;
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

JsonView JsonView::at(std::string_view key) const {
  if (!value_->is_object()) {
    throw Error(where(), fmt::format("expected an object, got {}", shown(*value_)));
  }
  const std::string path = path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  if (!has(key)) throw Error(fmt::format("{}: {}", file_, path), "field is missing");
  return {root_, &value_->find(key).value(), file_, path};
}

std::string JsonView::where() const { return path_.empty() ? file_ : file_ + ": " + path_; }

std::string JsonView::string() const {
  if (!value_->is_string()) {
    throw Error(where(), fmt::format("expected a string, got {}", shown(*value_)));
  }
  return value_->get<std::string>();
}

double JsonView::number() const {
  if (!value_->is_number()) {
    throw Error(where(), fmt::format("expected a number, got {}", shown(*value_)));
  }
  return value_->get<double>();
}

bool JsonView::boolean() const {
  if (!value_->is_boolean()) {
    throw Error(where(), fmt::format("expected true or false, got {}", shown(*value_)));
  }
  return value_->get<bool>();
}

std::int64_t JsonView::integer(std::int64_t least, std::int64_t most) const {
  // Compare as double: an unsigned value above 2^63 must not wrap into the range.
  const bool fits = value_->is_number_integer() &&
                    value_->get<double>() >= static_cast<double>(least) &&
                    value_->get<double>() <= static_cast<double>(most);
  if (!fits) {
    throw Error(where(), fmt::format("expected an integer from {} to {}, got {}", least, most,
                                     shown(*value_)));
  }
  return value_->get<std::int64_t>();
}

std::vector<double> JsonView::numbers() const {
  if (!value_->is_array()) {
    throw Error(where(), fmt::format("expected a list of numbers, got {}", shown(*value_)));
  }
  std::vector<double> result;
  for (const auto& element : *value_) {
    if (!element.is_number()) {
      throw Error(where(), fmt::format("expected a list of numbers, got {}", shown(*value_)));
    }
    result.push_back(element.get<double>());
  }
  return result;
}

std::vector<JsonView> JsonView::items() const {
  if (!value_->is_array()) {
    throw Error(where(), fmt::format("expected a list, got {}", shown(*value_)));
  }
  std::vector<JsonView> result;
  for (const auto& element : *value_) {
    result.push_back({root_, &element, file_, fmt::format("{}[{}]", path_, result.size())});
  }
  return result;
}

std::vector<std::string> JsonView::keys() const {
  if (!value_->is_object()) {
    throw Error(where(), fmt::format("expected an object, got {}", shown(*value_)));
  }
  std::vector<std::string> result;
  for (const auto& [key, value] : value_->items()) result.push_back(key);
  return result;
}

}  // namespace whyclip
