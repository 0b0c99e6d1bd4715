#include "server/connection_guard.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace whyclip::server {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{100}, kBetweenLastLooks{10};
constexpr std::chrono::milliseconds kLongest{5000};
/// If many connections wait at once, others must not wait for their threads.
constexpr std::chrono::milliseconds kLongestOfMany{1000};
constexpr std::ptrdiff_t kMany = 32;
constexpr std::uint64_t kMostHead = 64 << 10;  // bytes

/// A copy of the descriptor cannot be closed by another thread, and then be of another socket.
void shut_down(int descriptor, std::uint64_t identity, int how) {
  const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;
  if (identity_of(copy) == identity) ::shutdown(copy, how);
  ::close(copy);
}

}  // namespace

ConnectionGuard::ConnectionGuard(int port) : port_(port), thread_([this] { watch(); }) {}

ConnectionGuard::~ConnectionGuard() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ConnectionGuard::arrived(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  connections_[peer] = {.arrived = true};  // an older one of this peer is closed
}

void ConnectionGuard::stop_waiting() {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
  }
  changed_.notify_all();
}

void ConnectionGuard::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    find_connections();
    end_late_ones();
    const bool was_waiting = waiting_;
    changed_.wait_for(lock, waiting_ ? kBetweenLooks : kBetweenLastLooks,
                      [&] { return ending_ || waiting_ != was_waiting; });
  }
}

void ConnectionGuard::find_connections() {
  std::map<Peer, Connection> found;
  for (const int descriptor : descriptors()) {
    if (own_port_of(descriptor) != port_) continue;
    const Peer peer = peer_of(descriptor);
    if (peer.first.empty()) continue;
    const std::uint64_t identity = identity_of(descriptor);
    Connection connection{.since = Clock::now()};
    const auto known = connections_.find(peer);
    if (known != connections_.end() &&
        (known->second.identity == 0 || known->second.identity == identity)) {
      connection = known->second;
    }
    // Unread bytes are a request that waits for a thread: its time begins when it has one.
    if (unread_of(descriptor) > 0) connection.since = Clock::now();
    connection.identity = identity;
    connection.descriptor = descriptor;
    found[peer] = connection;
  }
  connections_ = std::move(found);
}

void ConnectionGuard::end_late_ones() {
  const auto count =
      std::ranges::count_if(connections_, [](const auto& entry) { return !entry.second.arrived; });
  const auto longest = !waiting_       ? std::chrono::milliseconds(0)
                       : count > kMany ? kLongestOfMany
                                       : kLongest;
  for (const auto& [peer, connection] : connections_) {
    if (connection.arrived) continue;
    const std::size_t unread = unread_of(connection.descriptor);
    if (received_of(connection.descriptor) > unread + kMostHead) {
      shut_down(connection.descriptor, connection.identity, SHUT_RDWR);
    } else if (unread == 0 && Clock::now() - connection.since >= longest) {
      shut_down(connection.descriptor, connection.identity, SHUT_RD);
    }
  }
}

}  // namespace whyclip::server
