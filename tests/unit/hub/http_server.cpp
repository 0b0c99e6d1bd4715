#include "tests/unit/hub/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace whyclip::testing {
namespace {

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::optional<ServerRequest> read_request(int connection) {
  std::string text;
  char block[4096];
  while (text.find("\r\n\r\n") == text.npos) {
    const ssize_t n = ::recv(connection, block, sizeof block, 0);
    if (n <= 0) return {};
    text.append(block, static_cast<std::size_t>(n));
  }
  ServerRequest request;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::istringstream(line) >> request.method >> request.path;
  while (std::getline(lines, line) && line != "\r") {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

/// Takes the requested range out of the body.
void apply_range(const ServerRequest& request, ServerReply& reply) {
  const std::string range = request.header("range");
  if (!reply.ranges || reply.status != 200 || !range.starts_with("bytes=")) return;
  const std::size_t begin = std::stoul(range.substr(6));
  if (begin >= reply.body.size()) {
    reply.status = 416;
    reply.body.clear();
    return;
  }
  reply.status = 206;
  reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(begin) + "-" +
                                                  std::to_string(reply.body.size() - 1) + "/" +
                                                  std::to_string(reply.body.size()));
  reply.body.erase(0, begin);
}

void send_reply(int connection, const ServerRequest& request, ServerReply reply) {
  apply_range(request, reply);
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\nConnection: close\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  head += "Content-Length: " + std::to_string(reply.declared_size.value_or(reply.body.size())) +
          "\r\n\r\n";
  if (!send_all(connection, head) || request.method == "HEAD") return;
  const std::size_t end = std::min(reply.cut_after.value_or(reply.body.size()), reply.body.size());
  for (std::size_t begin = 0; begin < end; begin += reply.piece) {
    std::this_thread::sleep_for(reply.pause);
    const std::size_t size = std::min(reply.piece, end - begin);
    if (!send_all(connection, std::string_view(reply.body).substr(begin, size))) return;
  }
}

}  // namespace

std::string ServerRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("cannot listen on the loopback interface");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  thread_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
}

std::string HttpServer::origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<ServerRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::accept_all() {
  constexpr int kPollMilliseconds = 20;
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, kPollMilliseconds) != 1) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) connections_.emplace_back([this, connection] { serve(connection); });
  }
}

void HttpServer::serve(int connection) {
  if (const std::optional<ServerRequest> request = read_request(connection)) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    send_reply(connection, *request, handler_(*request));
  }
  ::shutdown(connection, SHUT_RDWR);
  ::close(connection);
}

}  // namespace whyclip::testing
