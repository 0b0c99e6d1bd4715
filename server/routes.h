#pragma once

#include "server/router.h"
#include "server/state.h"

namespace whyclip::server {

/// Adds every route of the API (docs/openapi.json). `state` must outlive the router.
void add_routes(Router& router, State& state);

}  // namespace whyclip::server
