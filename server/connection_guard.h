#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include "server/descriptors.h"

namespace whyclip::server {

/// Ends connections whose request does not arrive in time or has too long a head, because each
/// keeps a thread of the server. The HTTP library limits neither the time nor the bytes of a head,
/// and does not give its sockets: they are looked for among the descriptors of the process.
class ConnectionGuard {
 public:
  /// Watches the connections to this port.
  explicit ConnectionGuard(int port);
  ~ConnectionGuard();
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  /// The head of a request was read: its connection is not watched any longer.
  void arrived(const Peer& peer);
  /// From now on, connections without a request end at once.
  void stop_waiting();

 private:
  using Clock = std::chrono::steady_clock;

  struct Connection {
    std::uint64_t identity = 0;  ///< of the socket; 0: not seen yet
    Clock::time_point since = {};
    bool arrived = false;
    int descriptor = -1;
  };

  void watch();
  void find_connections();
  void end_late_ones();

  const int port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Peer, Connection> connections_;
  bool waiting_ = true, ending_ = false;
  std::thread thread_;
};

}  // namespace whyclip::server
