#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace whyclip::server {

/// Address and port of the other end of a connection.
using Peer = std::pair<std::string, int>;

/// The descriptors of this process.
std::vector<int> descriptors();
/// Empty if the descriptor is no connected socket.
Peer peer_of(int descriptor);
/// The port of this end of a socket; 0 if it has none.
int own_port_of(int descriptor);
/// A number that no other open file of the process has; 0 if it is not open.
std::uint64_t identity_of(int descriptor);
/// Bytes that arrived and were not read.
std::size_t unread_of(int descriptor);
/// All bytes that arrived; 0 on systems that do not count them.
std::uint64_t received_of(int descriptor);

}  // namespace whyclip::server
