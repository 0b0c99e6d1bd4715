#pragma once

#include <functional>
#include <memory>

#include "server/http.h"
#include "server/jobs.h"

namespace whyclip::server {

/// Whether the client wants server-sent events instead of one answer.
bool wants_events(const httplib::Request& request);

/// Answers with events: queued, progress (at most ten a second), then result or error. The job is
/// cancelled if the client closes the connection. `on_end` gets the status that a plain answer
/// would have had.
void stream_events(httplib::Response& response, Jobs& jobs, std::shared_ptr<Job> job,
                   std::function<void(int status)> on_end);

}  // namespace whyclip::server
