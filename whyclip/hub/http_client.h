#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "whyclip/core/progress.h"
#include "whyclip/hub/http_transfer.h"
#include "whyclip/hub/hub_options.h"

namespace whyclip {

/// Requests to the hub: follows redirects, gives the access token to the endpoint only, and tries
/// again what may succeed at another try.
class HttpClient {
 public:
  /// Called several times a second, while waiting too. May throw. `waiting`: for which try the
  /// client waits, and why; empty while a request runs.
  using Tick = std::function<void(std::string_view waiting)>;

  HttpClient(const HubOptions& options, Tick tick);

  /// The headers of a file: a HEAD request that follows redirects, but stops at one that has the
  /// headers of the file (x-linked-etag), as huggingface_hub's get_hf_file_metadata does: it leads
  /// to the store of large files. `address` becomes that of the content.
  HttpReply metadata(std::string& address);
  /// The text at an address. Throws Error if it has more than `most` bytes. The reply says whether
  /// it succeeded.
  HttpReply text(const std::string& address, std::size_t most, std::string& text);
  /// One try of a request, with redirects followed.
  HttpReply once(HttpRequest request);

  /// Waits before the try with this number (from 1) as the reply asks. Returns false if there is
  /// nothing to wait for: the reply is not one that another try could change, or there were enough
  /// tries. Throws Error if the server asks for a longer wait than allowed.
  bool wait_for_retry(const HttpReply& reply, int tries);

  const HubOptions& options() const { return options_; }

 private:
  HttpReply follow(HttpRequest request, bool stop_at_file, std::string* last);

  HubOptions options_;
  Tick tick_;
  HttpTransfer transfer_;
};

/// Throws Error for a reply that is no success: "[name] what: reason; what to do". `doubt`: why the
/// name may be wrong, for a reply that there is nothing of it.
[[noreturn]] void fail_request(const HttpReply& reply, const std::string& name,
                               const std::string& what, const HubOptions& options,
                               const std::string& doubt = {});

}  // namespace whyclip
