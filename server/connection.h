#pragma once

#include <functional>

#include "server/http.h"

namespace whyclip::server {

/// A function that tells whether the client of a request has closed its connection. It may be
/// called until the request is answered.
std::function<bool()> closed_connection(const httplib::Request& request);

}  // namespace whyclip::server
