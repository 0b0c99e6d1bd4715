#include "server/descriptors.h"

#include <netdb.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace whyclip::server {
namespace {

/// Numeric host and port of an address of the internet.
Peer text_of(const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST] = {}, port[NI_MAXSERV] = {};
  if ((address.ss_family != AF_INET && address.ss_family != AF_INET6) ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {"", 0};
  }
  return {host, std::atoi(port)};
}

}  // namespace

std::vector<int> descriptors() {
  std::vector<int> all;
  std::error_code code;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", code), end; !code && entry != end;
       entry.increment(code)) {
    all.push_back(std::atoi(entry->path().filename().c_str()));
  }
  if (!code) return all;
  all.clear();
  const long most = ::sysconf(_SC_OPEN_MAX);  // a system without /proc
  for (int descriptor = 0; descriptor < most; ++descriptor) all.push_back(descriptor);
  return all;
}

Peer peer_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {"", 0};
  return text_of(address, size);
}

int own_port_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return text_of(address, size).second;
}

std::uint64_t identity_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? std::uint64_t(status.st_ino) : 0;
}

std::size_t unread_of(int descriptor) {
  int unread = 0;
  return ::ioctl(descriptor, FIONREAD, &unread) == 0 && unread > 0 ? std::size_t(unread) : 0;
}

}  // namespace whyclip::server
