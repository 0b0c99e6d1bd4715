#pragma once

#include <optional>
#include <string>

#include "server/failure.h"
#include "server/http.h"

namespace whyclip::server {

/// Decides who may ask. A web page of another site must not be able to: it could reach a server on
/// this machine under a name of its own (DNS rebinding), or send requests across sites.
class Security {
 public:
  /// `token` is empty if none is needed; it is always needed beyond this machine.
  Security(std::string address, int port, std::string token);

  /// Why a request is refused: 403 for Host, Origin or Sec-Fetch-Site, 401 without the token.
  std::optional<Failure> check(const httplib::Request& request) const;
  /// Answers a page's address with ?token=: a cookie, and the address without the token. Returns
  /// whether it did.
  bool exchange_token(const httplib::Request& request, httplib::Response& response) const;

  const std::string& token() const { return token_; }

 private:
  bool is_known_host(const std::string& host) const;
  bool has_token(const httplib::Request& request) const;
  bool equals_token(const std::string& text) const;

  std::string address_, token_, cookie_;
  int port_;
};

/// Whether only programs of this machine can connect to the address.
bool is_loopback(const std::string& address);

/// 32 random hexadecimal digits.
std::string random_token();

/// Headers of every answer.
httplib::Headers security_headers();

}  // namespace whyclip::server
