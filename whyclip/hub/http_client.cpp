#include "whyclip/hub/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>
#include <thread>

#include "whyclip/core/error.h"
#include "whyclip/hub/curl_library.h"

namespace whyclip {
namespace {

constexpr int kMostRedirects = 10;
constexpr int kTooManyRequests = 429, kRequestTimeout = 408;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_pass(const HttpReply& reply) {
  if (!reply.failure.empty()) return reply.transient;
  return reply.status == kTooManyRequests || reply.status == kRequestTimeout ||
         reply.status == 500 || (reply.status >= 502 && reply.status <= 504);
}

/// The wait of a Retry-After header, seconds or a date.
/// Reference: RFC 9110, section 10.2.3
std::optional<std::chrono::seconds> asked_wait(const HttpReply& reply) {
  const std::string text = reply.header("retry-after");
  if (text.empty()) return {};
  long seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed == std::errc() && end == text.data() + text.size()) {
    return std::chrono::seconds(std::max(seconds, 0L));
  }
  const std::time_t date = curl_library().getdate(text.c_str(), nullptr);
  if (date == -1) return {};
  return std::chrono::seconds(std::max<std::time_t>(date - std::time(nullptr), 0));
}

}  // namespace

HttpClient::HttpClient(const HubOptions& options, Tick tick)
    : options_(options), tick_(std::move(tick)), transfer_(options, [this] { tick_({}); }) {}

HttpReply HttpClient::follow(HttpRequest request, bool stop_at_file, std::string* last) {
  const std::vector<std::string> own = request.headers;
  const std::string home = origin_of(options_.endpoint);
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    request.headers = own;
    if (!options_.token.empty() && origin_of(request.address) == home) {
      request.headers.push_back("Authorization: Bearer " + options_.token);
    }
    HttpReply reply = transfer_.run(request);
    if (last != nullptr) *last = request.address;
    if (!reply.failure.empty() || !is_redirect(reply.status)) return reply;
    const std::string location = reply.header("location");
    const std::string next = resolve_address(request.address, location);
    if (location.empty() || next.empty()) {
      throw Error(request.address,
                  fmt::format("redirects to \"{}\", which is no address of the web", location));
    }
    if (request.address.starts_with("https:") && !next.starts_with("https:")) {
      throw Error(request.address,
                  fmt::format("redirects from https to {}, which is not encrypted", next));
    }
    request.address = next;
    if (stop_at_file && !reply.header("x-linked-etag").empty()) {
      if (last != nullptr) *last = next;
      return reply;
    }
  }
  throw Error(request.address, fmt::format("is redirected more than {} times", kMostRedirects));
}

HttpReply HttpClient::metadata(std::string& address) {
  for (int tries = 1;; ++tries) {
    std::string content;
    HttpReply reply = follow({.address = address, .head = true}, true, &content);
    const bool found = reply.ok() || (reply.failure.empty() && is_redirect(reply.status));
    if (found) {
      address = content;
      return reply;
    }
    if (!wait_for_retry(reply, tries)) return reply;
  }
}

HttpReply HttpClient::text(const std::string& address, std::size_t most, std::string& text) {
  for (int tries = 1;; ++tries) {
    text.clear();
    HttpReply reply = once({.address = address, .on_body = [&](std::span<const char> bytes) {
                              if (text.size() + bytes.size() > most) {
                                throw Error(address, fmt::format("sent more than {} bytes", most),
                                            ErrorCode::kLimit);
                              }
                              text.append(bytes.data(), bytes.size());
                            }});
    if (reply.ok() || !wait_for_retry(reply, tries)) return reply;
  }
}

HttpReply HttpClient::once(HttpRequest request) {
  return follow(std::move(request), false, nullptr);
}

bool HttpClient::wait_for_retry(const HttpReply& reply, int tries) {
  using std::chrono::milliseconds;
  if (!may_pass(reply) || tries > options_.retries) return false;
  constexpr int kMostDoublings = 6;
  milliseconds wait = std::min(options_.first_wait * (1 << std::min(tries - 1, kMostDoublings)),
                               options_.longest_wait);
  if (const auto asked = asked_wait(reply)) {
    if (*asked > options_.longest_wait) {
      throw Error("hub",
                  fmt::format("the server is busy (HTTP {}) and asks to wait {} s; try again later",
                              reply.status, asked->count()),
                  ErrorCode::kIo);
    }
    wait = std::max<milliseconds>(wait, *asked);
  }
  constexpr milliseconds kSlice{50};
  const std::string waiting = fmt::format(
      "waiting {:.0f} s after {}", std::ceil(std::chrono::duration<double>(wait).count()),
      reply.failure.empty() ? fmt::format("HTTP {}", reply.status) : "a failed connection");
  const auto end = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < end) {
    tick_(waiting);
    std::this_thread::sleep_for(std::min(
        kSlice, std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now() +
                                                         milliseconds(1))));
  }
  return true;
}

void fail_request(const HttpReply& reply, const std::string& name, const std::string& what,
                  const HubOptions& options, const std::string& doubt) {
  if (!reply.failure.empty()) {
    throw Error(name,
                fmt::format("{}: no connection to the server: {}; check the network and the proxy "
                            "settings (https_proxy), or use --offline with what is in the cache",
                            what, reply.failure),
                ErrorCode::kIo);
  }
  const std::string code = reply.header("x-error-code");
  const bool token = !options.token.empty();
  if (reply.status == 403 || code == "GatedRepo") {
    throw Error(name,
                fmt::format("{}: access is restricted (HTTP {}); accept the conditions on {}/{} "
                            "and {}",
                            what, reply.status, options.endpoint, name,
                            token ? "check that the access token may read it"
                                  : "set HF_TOKEN to an access token"),
                ErrorCode::kNotFound);
  }
  if (code == "RevisionNotFound") {
    throw Error(name, fmt::format("{}: the model has no such revision", what),
                ErrorCode::kNotFound);
  }
  if (reply.status == 401 || reply.status == 404) {
    throw Error(name,
                fmt::format("{}: {} has nothing of this name, or it is private (HTTP {}); check "
                            "the spelling{}{}{}",
                            what, options.endpoint, reply.status,
                            token ? " and the access token" : ", or set HF_TOKEN",
                            doubt.empty() ? "" : "; ", doubt),
                ErrorCode::kNotFound);
  }
  throw Error(name,
              fmt::format("{}: the server answered HTTP {}; try again later", what, reply.status),
              ErrorCode::kIo);
}

}  // namespace whyclip
