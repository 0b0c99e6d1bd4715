// Apart from other sources: this header and <netinet/tcp.h> define the same names.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "server/descriptors.h"

namespace whyclip::server {

std::uint64_t received_of(int descriptor) {
  tcp_info information{};
  socklen_t size = sizeof information;
  const bool known = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &information, &size) == 0;
  return known ? information.tcpi_bytes_received : 0;
}

}  // namespace whyclip::server
