#pragma once

#include <optional>
#include <string>

#include "server/failure.h"
#include "server/http.h"

namespace whyclip::server {

/// Why a request is refused before its body is read: the number of its headers, and headers
/// that say where its body ends or how it is encoded. The HTTP library does not check them.
std::optional<Failure> check_form(const httplib::Request& request);

/// A request may name the whole address (GET http://127.0.0.1:8722/healthz): keeps the path.
/// Returns why it is refused if the address is not that of its Host.
std::optional<Failure> keep_path(httplib::Request& request);

/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(const httplib::Request& request);

/// Lower-case letters of ASCII.
std::string lower(std::string text);

}  // namespace whyclip::server
