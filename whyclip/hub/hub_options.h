#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace whyclip {

/// Where models are looked up by name, and how they are downloaded.
struct HubOptions {
  /// Hugging Face's cache: the folder with models--ORG--NAME.
  std::filesystem::path cache = {};
  /// The cache of OpenAI's clip and of open_clip for files that have an address of their own.
  std::filesystem::path file_cache = {};
  std::string endpoint = "https://huggingface.co";  ///< the hub or a mirror, without a final /
  std::string token = {};  ///< sent to the endpoint and to no other host; empty: none
  std::filesystem::path certificates = {};  ///< certificate authorities (PEM); empty: the system's
  bool offline = false;                     ///< never use the network
  bool symlinks = true;                     ///< false: as on a file system without symbolic links

  int retries = 5;                                ///< of a request that received nothing new
  std::chrono::milliseconds first_wait{1000};     ///< before the first retry; doubles each time
  std::chrono::milliseconds longest_wait{60000};  ///< a server that asks for more is an error
  std::chrono::seconds connect_timeout{15};
  std::chrono::seconds stall_timeout{30};  ///< without a byte received
};

/// The options that huggingface_hub would use in this environment: HF_HUB_CACHE (or
/// HUGGINGFACE_HUB_CACHE), HF_HOME, XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN (or
/// HUGGING_FACE_HUB_TOKEN, or the file $HF_TOKEN_PATH or $HF_HOME/token), HF_HUB_OFFLINE and
/// TRANSFORMERS_OFFLINE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE. Throws Error naming the variable
/// that has no valid value. Reference:
/// https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
HubOptions hub_options_from_environment();

}  // namespace whyclip
