#include "whyclip/hub/hub_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

/// The first of the variables that is set and not empty.
std::optional<std::pair<std::string, std::string>> variable(
    std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::pair(std::string(name), std::string(value));
  }
  return {};
}

bool is_set(const char* name) {
  const auto found = variable({name});
  if (!found) return false;
  std::string value = found->second;
  std::ranges::transform(value, value.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

fs::path home() {
  if (const auto found = variable({"HOME"})) return found->second;
  throw Error("HOME", "is not set, so the cache of models has no place; set HF_HOME to a folder");
}

/// ~, $NAME and ${NAME} in a path, as Python's expanduser and expandvars replace them.
fs::path expanded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      result += text[i];
      continue;
    }
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    const std::size_t begin = i + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    const char* value =
        end > begin && closed ? std::getenv(text.substr(begin, end - begin).c_str()) : nullptr;
    if (value == nullptr) {
      result += text[i];
      continue;
    }
    result += value;
    i = end - (braces ? 0 : 1);
  }
  if (result == "~" || result.starts_with("~/")) {
    return result.size() < 3 ? home() : home() / result.substr(2);
  }
  return result;
}

fs::path hugging_face_home() {
  if (const auto found = variable({"HF_HOME"})) return expanded(found->second);
  if (const auto found = variable({"XDG_CACHE_HOME"})) {
    return expanded(found->second) / "huggingface";
  }
  return home() / ".cache" / "huggingface";
}

/// Throws Error unless the token can stand in a header.
std::string checked_token(const std::string& source, std::string token) {
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0; };
  token.erase(std::find_if_not(token.rbegin(), token.rend(), blank).base(), token.end());
  token.erase(token.begin(), std::find_if_not(token.begin(), token.end(), blank));
  const bool good =
      std::ranges::all_of(token, [](unsigned char c) { return std::isgraph(c) != 0; });
  if (!good) throw Error(source, "is not an access token: it has a blank or a control character");
  return token;
}

std::string find_token() {
  if (is_set("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return {};
  if (const auto found = variable({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})) {
    return checked_token(found->first, found->second);
  }
  const auto named = variable({"HF_TOKEN_PATH"});
  const fs::path path = named ? expanded(named->second) : hugging_face_home() / "token";
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return {};
  constexpr std::uintmax_t kLongest = 4096;
  if (fs::file_size(path, code) > kLongest) {
    throw Error(path.string(), "is not an access token: it has more than 4096 bytes");
  }
  return checked_token(path.string(), read_text(path));
}

std::string find_endpoint() {
  const auto found = variable({"HF_ENDPOINT"});
  if (!found) return HubOptions{}.endpoint;
  std::string text = found->second;
  while (text.ends_with('/')) text.pop_back();
  const bool good = (text.starts_with("https://") || text.starts_with("http://")) &&
                    !text.ends_with(':') &&
                    std::ranges::all_of(text, [](unsigned char c) { return std::isgraph(c) != 0; });
  if (!good) {
    throw Error("HF_ENDPOINT",
                fmt::format("expected an address that begins with https:// or http://, got {}",
                            found->second));
  }
  return text;
}

}  // namespace

HubOptions hub_options_from_environment() {
  HubOptions options;
  const auto cache = variable({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
  options.cache = cache ? expanded(cache->second) : hugging_face_home() / "hub";
  const auto user = variable({"HOME"});
  options.file_cache = user ? fs::path(user->second) / ".cache" / "clip" : options.cache / "clip";
  options.endpoint = find_endpoint();
  options.token = find_token();
  if (const auto file = variable({"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"})) {
    options.certificates = file->second;
  }
  options.offline = is_set("HF_HUB_OFFLINE") || is_set("TRANSFORMERS_OFFLINE");
  options.symlinks = !is_set("HF_HUB_DISABLE_SYMLINKS");
  return options;
}

}  // namespace whyclip
