#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/hub/hub_options.h"

namespace whyclip {

/// The reply to one request.
struct HttpReply {
  int status = 0;                                   ///< 0: none arrived
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string failure = {};  ///< what went wrong with the connection; empty: nothing
  bool transient = false;    ///< whether the failure may be gone at the next try

  /// Empty if there is none.
  std::string header(const std::string& name) const;
  bool ok() const { return failure.empty() && status >= 200 && status < 300; }
};

struct HttpRequest {
  std::string address = {};
  bool head = false;  ///< only headers
  std::vector<std::string> headers = {};
  /// Called with status and headers before the body of a successful reply. May throw.
  std::function<void(const HttpReply&)> on_headers = {};
  /// Called with each piece of the body of a successful reply. May throw.
  std::function<void(std::span<const char>)> on_body = {};
};

/// One request at a time over HTTP or HTTPS, without following redirects. Connections are reused.
class HttpTransfer {
 public:
  /// `tick` is called several times a second while a request runs. May throw, which ends the
  /// request.
  HttpTransfer(const HubOptions& options, std::function<void()> tick);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Throws what the callbacks of the request and `tick` throw.
  HttpReply run(const HttpRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The address that a redirect from `base` to `location` means. Empty if it is none of http or
/// https.
std::string resolve_address(const std::string& base, const std::string& location);

/// "https://host:443". Empty if the text is no address.
std::string origin_of(const std::string& address);

/// The text for use in an address: everything but letters, digits, "-", ".", "_" and "~" as %XX.
/// Slashes stay if `keep_slashes`.
std::string percent_encoded(std::string_view text, bool keep_slashes);

}  // namespace whyclip
