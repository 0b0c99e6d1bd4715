#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace whyclip::testing {

struct ServerRequest {
  std::string method = {}, path = {};
  std::map<std::string, std::string> headers = {};  ///< names in lower case

  std::string header(const std::string& name) const;
};

/// A reply, and what is wrong with it.
struct ServerReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool ranges = true;                             ///< answer Range with 206
  std::optional<std::size_t> cut_after = {};      ///< close the connection after these bytes
  std::optional<std::size_t> declared_size = {};  ///< a Content-Length that is not the size
  std::chrono::milliseconds pause{0};             ///< before each piece
  std::size_t piece = std::size_t{1} << 16;
};

/// An HTTP server on the loopback interface.
class HttpServer {
 public:
  using Handler = std::function<ServerReply(const ServerRequest&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string origin() const;  ///< "http://127.0.0.1:PORT"
  std::vector<ServerRequest> requests() const;

 private:
  void accept_all();
  void serve(int connection);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<ServerRequest> requests_;
  std::vector<std::thread> connections_;
  std::thread thread_;
};

}  // namespace whyclip::testing
