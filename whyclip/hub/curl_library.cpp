#include "whyclip/hub/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr const char* kName = "libcurl.so.4";  // the ABI of libcurl since 7.16

template <class Function>
void look_up(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) throw Error(kName, fmt::format("has no function {}", name));
}

CurlLibrary load() {
  void* const library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(kName,
                fmt::format("downloads need libcurl, which cannot be loaded ({}); install it "
                            "(Debian: apt install libcurl4), or name a folder",
                            dlerror()));
  }
  CurlLibrary curl{};
  look_up(library, "curl_global_init", curl.global_init);
  look_up(library, "curl_getdate", curl.getdate);
  look_up(library, "curl_free", curl.free);
  look_up(library, "curl_url", curl.url);
  look_up(library, "curl_url_cleanup", curl.url_cleanup);
  look_up(library, "curl_url_get", curl.url_get);
  look_up(library, "curl_url_set", curl.url_set);
  look_up(library, "curl_easy_init", curl.easy_init);
  look_up(library, "curl_easy_cleanup", curl.easy_cleanup);
  look_up(library, "curl_easy_reset", curl.easy_reset);
  look_up(library, "curl_easy_setopt", curl.easy_setopt);
  look_up(library, "curl_easy_getinfo", curl.easy_getinfo);
  look_up(library, "curl_easy_perform", curl.easy_perform);
  look_up(library, "curl_easy_strerror", curl.easy_strerror);
  look_up(library, "curl_slist_append", curl.slist_append);
  look_up(library, "curl_slist_free_all", curl.slist_free_all);
  return curl;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary curl = load();
  return curl;
}

}  // namespace whyclip
