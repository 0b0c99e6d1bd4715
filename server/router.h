#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "server/http.h"
#include "server/state.h"

namespace whyclip::server {

/// Registers routes: each request is checked, its errors become JSON, and it is counted. Must
/// outlive the server's run.
class Router {
 public:
  using Get = std::function<void(const httplib::Request&, httplib::Response&)>;
  using Post = std::function<void(const httplib::Request&, httplib::Response&, std::string body)>;

  Router(httplib::Server& server, State& state) : server_(server), state_(state) {}

  void get(const std::string& path, Get handler);
  /// `most`: bytes of the body. Bodies larger than JSON's are bounded in number too.
  void post(const std::string& path, std::size_t most, Post handler);
  /// Errors of requests that no route takes, and those of the HTTP library.
  void finish();

 private:
  void run(const std::string& route, httplib::Response& response,
           const std::function<void()>& handle);
  /// 404 or 405 for a request that no route takes; 401 or 403 if it may not know that.
  std::optional<Failure> check_route(const httplib::Request& request,
                                     httplib::Response& response) const;
  /// Answers a request that is not well formed or that no route takes. Returns whether it did.
  bool refuse(httplib::Request& request, httplib::Response& response);
  void receive(const httplib::Request& request, httplib::Response& response,
               const httplib::ContentReader& reader, std::size_t most, const Post& handler);

  httplib::Server& server_;
  State& state_;
  std::map<std::string, std::set<std::string>> methods_;  // by path
};

/// Computes an answer in a lane and waits for it. If the client goes away, the work is cancelled
/// and Cancelled is thrown. Throws what the work throws.
std::string compute(State& state, const httplib::Request& request, Lane lane, Work work);

/// An error as JSON, with the headers of its status.
void send_failure(httplib::Response& response, const Failure& failure);

}  // namespace whyclip::server
