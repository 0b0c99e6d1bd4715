#include "server/static_files.h"

#include <fmt/format.h>

#include <span>

#include "whyclip/front_end.h"

// Compiled in by server/CMakeLists.txt.
extern "C" {
extern const unsigned char whyclip_openapi[];
extern const unsigned long whyclip_openapi_size;
}

namespace whyclip::server {
namespace {

std::string_view text(const unsigned char* begin, unsigned long size) {
  return {reinterpret_cast<const char*>(begin), size};
}

}  // namespace

std::optional<StaticFile> static_file(std::string_view path) {
  if (path == "/") return StaticFile{viewer_file("live.html"), "text/html; charset=utf-8"};
  if (path == "/assets/live.js") {
    return StaticFile{viewer_file("live.js"), "text/javascript; charset=utf-8"};
  }
  if (path == "/assets/viewer.css") {
    return StaticFile{viewer_file("live.css"), "text/css; charset=utf-8"};
  }
  if (path == "/api/v1/openapi.json") {
    return StaticFile{text(whyclip_openapi, whyclip_openapi_size), "application/json"};
  }
  return {};
}

std::string etag_of(std::string_view content) {
  return fmt::format("\"{:016x}\"", seed_from(std::as_bytes(std::span(content))));
}

}  // namespace whyclip::server
