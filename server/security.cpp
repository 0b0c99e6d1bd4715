#include "server/security.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "server/request_form.h"

namespace whyclip::server {
namespace {

/// An address as it stands in a URL: IPv6 in brackets.
std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

bool is_address(std::string name) {
  in6_addr any{};
  if (::inet_pton(AF_INET, name.c_str(), &any) == 1) return true;
  if (!name.starts_with('[') || !name.ends_with(']')) return false;
  name = name.substr(1, name.size() - 2);
  return ::inet_pton(AF_INET6, name.c_str(), &any) == 1;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? lower(name) : "";
}

/// The value of a cookie; empty if there is none.
std::string cookie_of(const httplib::Request& request, const std::string& name) {
  const std::string sent = request.get_header_value("Cookie");
  for (std::string_view cookies = sent; !cookies.empty();) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    cookie.remove_prefix(std::min(cookie.find_first_not_of(" \t"), cookie.size()));
    if (cookie.starts_with(name + "=")) return std::string(cookie.substr(name.size() + 1));
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return {};
}

Failure forbidden(const char* where, std::string message) {
  return {403, "forbidden", where, std::move(message)};
}

}  // namespace

Security::Security(std::string address, int port, std::string token)
    : address_(lower(std::move(address))),
      token_(std::move(token)),
      cookie_(fmt::format("whyclip_{}", port)),  // cookies of all ports of a host are one set
      port_(port) {}

std::optional<Failure> Security::check(const httplib::Request& request) const {
  const std::string host = lower(request.get_header_value("Host"));
  if (request.get_header_value_count("Host") != 1 || !is_known_host(host)) {
    return forbidden("Host", fmt::format("requests must be for localhost:{0} or {1}:{0}", port_,
                                         in_url(address_)));
  }
  if (request.get_header_value_count("Origin") > 1 ||
      (request.has_header("Origin") &&
       lower(request.get_header_value("Origin")) != "http://" + host)) {
    return forbidden("Origin", "requests of pages of other sites are refused");
  }
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (request.path != "/" && (site == "cross-site" || site == "same-site")) {
    return forbidden("Sec-Fetch-Site", "requests of pages of other sites are refused");
  }
  if (request.path != "/healthz" && !has_token(request)) {
    return Failure{401, "forbidden", "token",
                   "open the address with ?token= that the server printed, or send the header "
                   "Authorization: Bearer TOKEN"};
  }
  return {};
}

bool Security::exchange_token(const httplib::Request& request, httplib::Response& response) const {
  if (token_.empty() || request.path != "/" || !request.has_param("token")) return false;
  if (!equals_token(request.get_param_value("token"))) return false;
  response.set_header("Set-Cookie",
                      fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_, token_));
  response.set_redirect("/", 303);
  return true;
}

bool Security::is_known_host(const std::string& host) const {
  const std::string port = fmt::format(":{}", port_);
  std::string name = host;
  if (host.ends_with(port)) {
    name.resize(host.size() - port.size());
  } else if (port_ != 80) {
    return false;
  }
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == in_url(address_)) {
    return true;
  }
  // On every address of the machine, names of other sites are refused all the same.
  return !is_loopback(address_) && (is_address(name) || (!name.empty() && name == host_name()));
}

bool Security::has_token(const httplib::Request& request) const {
  constexpr std::string_view kBearer = "bearer ";
  if (token_.empty()) return true;
  const std::string sent = request.get_header_value("Authorization");
  return (lower(sent.substr(0, kBearer.size())) == kBearer &&
          equals_token(sent.substr(kBearer.size()))) ||
         equals_token(cookie_of(request, cookie_));
}

bool Security::equals_token(const std::string& text) const {
  // Takes the same time wherever the first difference is.
  unsigned difference = unsigned(text.size() ^ token_.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    difference |= unsigned(text[i] ^ token_[i % token_.size()]);
  }
  return difference == 0;
}

bool is_loopback(const std::string& address) {
  in_addr version4{};
  if (::inet_pton(AF_INET, address.c_str(), &version4) == 1) {
    return (ntohl(version4.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  in6_addr version6{};
  if (::inet_pton(AF_INET6, address.c_str(), &version6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&version6) != 0;
  }
  return lower(address) == "localhost";
}

std::string random_token() {
  std::random_device random;
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", random());
  return token;
}

httplib::Headers security_headers() {
  return {{"Accept-Ranges", "none"},
          {"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

}  // namespace whyclip::server
