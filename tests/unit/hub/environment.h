#pragma once

#include <stdlib.h>  // setenv is POSIX, not C++

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace whyclip::testing {

/// Sets environment variables of the hub, unsets all others, and restores them at the end.
class HubEnvironment {
 public:
  explicit HubEnvironment(const std::map<std::string, std::string>& values) {
    for (const char* name :
         {"HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN",
          "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "HF_ENDPOINT",
          "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_SYMLINKS", "CURL_CA_BUNDLE",
          "REQUESTS_CA_BUNDLE"}) {
      const char* old = std::getenv(name);
      before_[name] = old == nullptr ? std::nullopt : std::optional<std::string>(old);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~HubEnvironment() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }
  HubEnvironment(const HubEnvironment&) = delete;
  HubEnvironment& operator=(const HubEnvironment&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace whyclip::testing
