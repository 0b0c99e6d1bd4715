#include "server/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "server/descriptors.h"

namespace whyclip::server {
namespace {

/// The descriptor of a request's connection, which the library does not tell; −1 if it is not
/// found.
int descriptor_of(const httplib::Request& request) {
  const Peer peer{request.remote_addr, request.remote_port};
  const std::vector<int> all = descriptors();
  const auto found = std::ranges::find(all, peer, peer_of);
  return found == all.end() ? -1 : *found;
}

/// Whether the other end was closed: then a read would return at once, with nothing.
bool is_closed(int descriptor) {
  pollfd entry{descriptor, POLLIN, 0};
  if (::poll(&entry, 1, 0) <= 0) return false;
  char byte = 0;
  const ssize_t size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace

template <class Request>
std::function<bool()> closed(const Request& request) {
  if constexpr (requires { request.is_connection_closed(); }) {
    return request.is_connection_closed;
  } else {
    const int descriptor = descriptor_of(request);
    if (descriptor < 0) return [] { return false; };
    return [descriptor] { return is_closed(descriptor); };
  }
}

std::function<bool()> closed_connection(const httplib::Request& request) { return closed(request); }

}  // namespace whyclip::server
