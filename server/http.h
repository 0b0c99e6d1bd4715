#pragma once

// The only header that includes the HTTP library, and what differs between its versions.

#include <httplib.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace whyclip::server {

/// Answers with these bytes, of which there must be some, as they are: content that is set by a
/// provider is never compressed, which would take longer than a local connection.
void send(httplib::Response& response, int status, std::string body,
          const std::string& content_type);

/// The request of a handler that runs before routing, which may change it: it is the HTTP library's
/// own object, which is not const.
httplib::Request& unrouted(const httplib::Request& request);

/// A pool of threads, each of which serves one connection at a time. `connections` counts those
/// that are served or wait for a thread; it must outlive the pool.
std::unique_ptr<httplib::TaskQueue> thread_pool(std::size_t threads, std::atomic<int>& connections);

}  // namespace whyclip::server
