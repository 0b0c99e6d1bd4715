#include "server/connection.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace whyclip::server {
namespace {

/// Address and port of the other end of a socket; empty if the descriptor is no connected socket.
std::pair<std::string, int> peer_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  char host[NI_MAXHOST] = {}, port[NI_MAXSERV] = {};
  if (::getpeername(descriptor, any, &size) != 0 ||
      (address.ss_family != AF_INET && address.ss_family != AF_INET6) ||
      ::getnameinfo(any, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {"", 0};
  }
  return {host, std::atoi(port)};
}

/// The descriptor of a request's connection, which the library does not tell; −1 if it is not
/// found.
int descriptor_of(const httplib::Request& request) {
  const std::pair<std::string, int> peer{request.remote_addr, request.remote_port};
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", code)) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    if (peer_of(descriptor) == peer) return descriptor;
  }
  if (!code) return -1;
  const long most = ::sysconf(_SC_OPEN_MAX);  // a system without /proc
  for (int descriptor = 0; descriptor < most; ++descriptor) {
    if (peer_of(descriptor) == peer) return descriptor;
  }
  return -1;
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
