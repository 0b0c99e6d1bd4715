#include "server/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "server/http.h"
#include "server/request_body.h"
#include "server/router.h"
#include "server/routes.h"
#include "server/security.h"
#include "server/state.h"
#include "whyclip/core/error.h"

namespace whyclip::server {
namespace {

/// Threads beyond those that wait for the queue and the workers: for what is answered at once, and
/// for slow clients.
constexpr std::size_t kMoreThreads = 32;

/// A second server on the port must fail: the HTTP library's default would share it.
void set_socket_options(int socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

void configure(httplib::Server& server, const ServerOptions& options,
               std::atomic<int>& connections) {
  constexpr std::chrono::seconds kWrite{10};
  server.set_read_timeout(kReadTimeout);
  server.set_write_timeout(kWrite);
  server.set_payload_max_length(kMostBytes);
  server.set_tcp_nodelay(true);
  // One request for each connection: what is left unread of a refused request is never taken for
  // the next one, and idle connections keep no thread.
  server.set_keep_alive_max_count(1);
  server.set_default_headers(security_headers());
  const std::size_t threads = options.queue + kLanes + kMoreThreads;
  server.new_task_queue = [threads, &connections] {
    return thread_pool(threads, connections).release();
  };
  if (!options.log) return;
  server.set_logger([log = options.log](const auto& request, const auto& response) {
    log(fmt::format("{} {} {}", request.method, request.path, response.status));
  });
}

[[noreturn]] void refuse_port(const ServerOptions& options, int error) {
  const std::string where = fmt::format("--port {}", options.port);
  if (error == EADDRINUSE) {
    throw Error(where,
                fmt::format("another program, perhaps whyclip serve, uses port {} of {}: choose "
                            "another one, or --port 0 for any free one",
                            options.port, options.address),
                ErrorCode::kIo);
  }
  throw Error(where,
              fmt::format("port {} of {} cannot be opened: {}", options.port, options.address,
                          error == 0 ? "not an address of this machine" : std::strerror(error)),
              ErrorCode::kIo);
}

/// Returns the port.
int bind(httplib::Server& server, const ServerOptions& options) {
  int listening = -1;
  server.set_socket_options([&](int socket) {
    set_socket_options(socket);
    listening = socket;
  });
  errno = 0;
  const int port = options.port == 0 ? server.bind_to_any_port(options.address)
                   : server.bind_to_port(options.address, options.port) ? options.port
                                                                        : -1;
  const int error = errno;
  server.set_socket_options(set_socket_options);  // without this function's variable
  if (port <= 0) refuse_port(options, error);
  // The HTTP library lets five clients connect at a time; further ones would be reset.
  ::listen(listening, SOMAXCONN);
  return port;
}

/// Waits until the condition holds, or the time is over.
void wait_until(const std::function<bool()>& condition, std::chrono::milliseconds longest) {
  constexpr std::chrono::milliseconds kBetweenLooks{10};
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

/// The token stands in an address, in a header and in a cookie.
void check_token(const std::string& token) {
  constexpr std::size_t kLeast = 8;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  if (token.empty() ||
      (token.size() >= kLeast && token.find_first_not_of(kAllowed) == std::string::npos)) {
    return;
  }
  throw Error("--token", fmt::format("expected at least {} letters, digits, or -._~", kLeast));
}

void check_address(const std::string& address) {
  if (address.empty() || address.find('\0') != std::string::npos) {
    throw Error("--address", "is empty: name an address of this machine, as 127.0.0.1");
  }
}

std::string url_of(const std::string& address, int port, const std::string& token) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}/{}{}", ipv6 ? "[" : "", address, ipv6 ? "]" : "", port,
                     token.empty() ? "" : "?token=", token);
}

}  // namespace

struct Server::Parts {
  Parts(std::vector<ServedModel> models, ServerOptions& options) {
    check_address(options.address);
    check_token(options.token);
    configure(http, options, connections);
    const int port = bind(http, options);
    if (options.token.empty() && !is_loopback(options.address)) options.token = random_token();
    url = url_of(options.address, port, options.token);
    state = std::make_unique<State>(std::move(models), options, port,
                                    Security(options.address, port, options.token));
    router = std::make_unique<Router>(http, *state);
    add_routes(*router, *state);
    router->finish();
  }

  std::unique_ptr<State> state;
  std::atomic<int> connections = 0;
  httplib::Server http;
  std::unique_ptr<Router> router;
  std::string url;
};

Server::Server(std::vector<ServedModel> models, ServerOptions options)
    : parts_(std::make_unique<Parts>(std::move(models), options)) {}

Server::~Server() = default;

const std::string& Server::url() const { return parts_->url; }

void Server::run() { parts_->http.listen_after_bind(); }

void Server::stop() {
  constexpr std::chrono::milliseconds kToFinish{2500}, kToAnswer{1000};
  Jobs& jobs = parts_->state->jobs;
  jobs.drain();
  if (!jobs.wait_until_idle(kToFinish)) jobs.cancel_all();
  parts_->state->guard.stop_waiting();
  // The HTTP library stops in the middle of an answer, and not at all before it runs. A slow client
  // is not waited for.
  wait_until([&] { return parts_->http.is_running() && parts_->connections == 0; }, kToAnswer);
  parts_->http.stop();
}

}  // namespace whyclip::server
