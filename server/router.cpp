#include "server/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "server/connection.h"
#include "server/failure.h"
#include "server/request_body.h"
#include "server/request_form.h"
#include "whyclip/core/error.h"

namespace whyclip::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestWait{10};  // for other clients' large bodies

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A place of a semaphore that was acquired, until the end of a scope.
class Held {
 public:
  explicit Held(std::counting_semaphore<kMostLargeBodies>& places) : places_(places) {}
  ~Held() { places_.release(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::counting_semaphore<kMostLargeBodies>& places_;
};

/// A path as the HTTP library's pattern.
std::string pattern_of(const std::string& path) {
  std::string pattern;
  for (const char c : path) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
  return pattern;
}

/// What the HTTP library refuses by itself has a status only.
Failure failure_of_status(int status) {
  switch (status) {
    case 404:
      return {404, "not_found", "path", "there is nothing here: see /api/v1/openapi.json"};
    case 413:
      return {413, "too_large", "body", "is too large"};
    case 414:
      return {414, "too_large", "path", "is too long"};
    case 500:
      return {500, "internal", "server", "the request failed"};
    default:
      return {status, "invalid", "request", "the HTTP request cannot be read"};
  }
}

}  // namespace

void send_failure(httplib::Response& response, const Failure& failure) {
  if (failure.status == 429) response.set_header("Retry-After", "1");
  if (failure.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  send(response, failure.status, json_of(failure), "application/json");
}

void Router::get(const std::string& path, Get handler) {
  methods_[path].insert({"GET", "HEAD"});
  server_.Get(pattern_of(path), [this, path, handler = std::move(handler)](
                                    const httplib::Request& request, httplib::Response& response) {
    run(path, response, [&] {
      if (state_.security.exchange_token(request, response)) return;
      if (const auto failure = state_.security.check(request)) throw RequestError(*failure);
      handler(request, response);
    });
  });
}

void Router::post(const std::string& path, std::size_t most, Post handler) {
  methods_[path].insert("POST");
  server_.Post(pattern_of(path), [this, path, most, handler = std::move(handler)](
                                     const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& reader) {
    run(path, response, [&] { receive(request, response, reader, most, handler); });
  });
}

void Router::receive(const httplib::Request& request, httplib::Response& response,
                     const httplib::ContentReader& reader, std::size_t most, const Post& handler) {
  if (const auto failure = state_.security.check(request)) {
    skip_body(request, reader);
    throw RequestError(*failure);
  }
  if (content_length(request).value_or(most) <= kMostJson) most = std::min(most, kMostJson);
  if (most <= kMostJson) return handler(request, response, read_body(request, reader, most));
  if (!state_.large_bodies.try_acquire_for(kLongestWait)) {
    skip_body(request, reader);
    throw RequestError({429, "busy", "body", "others send large bodies now: try again"});
  }
  const Held held(state_.large_bodies);
  handler(request, response, read_body(request, reader, most));
}

void Router::run(const std::string& route, httplib::Response& response,
                 const std::function<void()>& handle) {
  const Clock::time_point start = Clock::now();
  try {
    handle();
  } catch (...) {
    send_failure(response, failure_of(std::current_exception()));
  }
  // Events are counted at their end.
  if (response.get_header_value("Content-Type") == "text/event-stream") return;
  state_.metrics.count(route, response.status, seconds_since(start));
}

std::optional<Failure> Router::check_route(const httplib::Request& request,
                                           httplib::Response& response) const {
  const auto known = methods_.find(request.path);
  if (known != methods_.end() && known->second.contains(request.method)) return {};
  if (auto refused = state_.security.check(request)) return refused;
  if (known == methods_.end()) return failure_of_status(404);
  const std::string allowed = fmt::format("{}", fmt::join(known->second, ", "));
  response.set_header("Allow", allowed);
  return Failure{405, "invalid", "method", fmt::format("expected {}", allowed)};
}

bool Router::refuse(httplib::Request& request, httplib::Response& response) {
  // Answers are never sent in parts: the HTTP library's older versions do not compare the ranges of
  // a request with the size of its answer.
  request.ranges.clear();
  std::optional<Failure> failure = check_form(request);
  if (!failure) failure = keep_path(request);
  // Bodies that no route takes would be kept in memory by the HTTP library.
  if (!failure) failure = check_route(request, response);
  if (!failure) return false;
  send_failure(response, *failure);
  state_.metrics.count("other", failure->status);
  return true;
}

void Router::finish() {
  using Decision = httplib::Server::HandlerResponse;
  server_.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        state_.guard.arrived({request.remote_addr, request.remote_port});
        return refuse(unrouted(request), response) ? Decision::Handled : Decision::Unhandled;
      });
  server_.set_error_handler([this](const httplib::Request&, httplib::Response& response) {
    if (response.has_header("Content-Type")) return;  // a route's own error
    const Failure failure = failure_of_status(response.status);
    state_.metrics.count("other", failure.status);
    response.set_content(json_of(failure), "application/json");
  });
  server_.set_exception_handler(
      [](const httplib::Request&, httplib::Response& response, std::exception_ptr error) {
        send_failure(response, failure_of(error));
      });
}

std::string compute(State& state, const httplib::Request& request, Lane lane, Work work) {
  constexpr std::chrono::milliseconds kBetweenLooks{100};
  const std::shared_ptr<Job> job = state.jobs.submit(lane, std::move(work));
  const std::function<bool()> closed = closed_connection(request);
  while (!state.jobs.wait(*job, kBetweenLooks).finished) {
    if (!closed()) continue;
    state.jobs.cancel(*job);
    throw Cancelled("client");
  }
  return state.jobs.take(*job);
}

}  // namespace whyclip::server
