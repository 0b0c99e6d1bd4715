#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/models.h"
#include "whyclip/whyclip.h"

namespace whyclip::server {

inline constexpr int kDefaultPort = 8722;
inline constexpr std::size_t kDefaultQueue = 64;

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = kDefaultPort;  ///< 0: any free one
  /// What clients must send; empty: nothing on this machine, a random one beyond it.
  std::string token = {};
  std::optional<std::filesystem::path> folder = {};       ///< whose images clients may choose
  std::size_t queue = kDefaultQueue;                      ///< requests that may wait; more get 429
  std::int64_t max_pixels = DecodeOptions{}.max_pixels;   ///< of an image
  std::function<void(const std::string& line)> log = {};  ///< a line for each request
};

/// Serves the API and the live viewer (docs/server.md) until it is stopped.
class Server {
 public:
  /// Opens the port. There must be a model; the first is the default. Throws Error for a port that
  /// is in use, an address that is not this machine's, and a folder that cannot be listed.
  Server(std::vector<ServedModel> models, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The address to open, with the token if there is one.
  const std::string& url() const;
  /// Answers requests until stop() is called from another thread.
  void run();
  /// Refuses new work, lets running work finish for some seconds, cancels what is left, and ends
  /// run(). It does not wait for run().
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Runs the server until SIGINT or SIGTERM arrives, whose default action is restored then: a second
/// one ends the process at once. If something does not stop within five seconds, the process exits.
/// `on_start` is called when the signals are watched and the port is open. For one server in a
/// process.
void run_until_signal(Server& server, const std::function<void()>& on_start = {});

}  // namespace whyclip::server
