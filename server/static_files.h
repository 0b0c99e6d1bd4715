#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace whyclip::server {

/// A file that is compiled into the server.
struct StaticFile {
  std::string_view content;
  const char* type = "";  ///< its media type
};

/// The file of a path ("/", "/assets/live.js"); none if there is no such file.
std::optional<StaticFile> static_file(std::string_view path);

/// A strong ETag, with its quotation marks.
std::string etag_of(std::string_view content);

}  // namespace whyclip::server
