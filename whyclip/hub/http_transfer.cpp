#include "whyclip/hub/http_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/hub/curl_library.h"

namespace whyclip {
namespace {

constexpr std::size_t kMostHeaders = 200;
constexpr std::size_t kMostOfRefusal = 1 << 16;  // bytes of the page that explains an error

struct FreeAddress {
  void operator()(CURLU* address) const { curl_library().url_cleanup(address); }
};
using Address = std::unique_ptr<CURLU, FreeAddress>;

Address parse_address(const std::string& text) {
  Address address(curl_library().url());
  if (!address ||
      curl_library().url_set(address.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return nullptr;
  }
  return address;
}

std::string part_of(const Address& address, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_library().url_get(address.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string result(text);
  curl_library().free(text);
  return result;
}

/// Failures that another try may not have.
bool is_transient(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
      return true;
    default:
      return false;
  }
}

/// What the callbacks of one request share.
struct Exchange {
  CURL* handle;
  const HttpRequest& request;
  HttpReply reply = {};
  std::size_t refused_bytes = 0;
  bool announced = false;
  std::exception_ptr thrown = {};

  /// Calls on_headers once, with the status.
  void announce() {
    if (std::exchange(announced, true)) return;
    long status = 0;
    curl_library().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    if (reply.ok() && request.on_headers) request.on_headers(reply);
  }

  /// Runs what may throw inside a callback of C. Returns whether it did not.
  template <class Call>
  bool guarded(Call call) {
    try {
      call();
      return true;
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  }
};

std::size_t take_body(char* data, std::size_t unit, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::size_t size = unit * count;
  const bool good = exchange.guarded([&] {
    exchange.announce();
    if (exchange.reply.ok() && exchange.request.on_body) exchange.request.on_body({data, size});
  });
  if (!good) return CURL_WRITEFUNC_ERROR;
  if (!exchange.reply.ok() && (exchange.refused_bytes += size) > kMostOfRefusal) {
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

std::size_t take_header(char* data, std::size_t unit, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, unit * count);
  auto& headers = exchange.reply.headers;
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    headers.clear();  // those of an earlier, informational reply
  } else if (colon != line.npos && headers.size() < kMostHeaders) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = value.find_first_not_of(kBlank);
    value = begin == value.npos ? std::string_view()
                                : value.substr(begin, value.find_last_not_of(kBlank) - begin + 1);
    headers[name] = std::string(value);
  }
  return line.size();
}

}  // namespace

std::string HttpReply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

struct HttpTransfer::State {
  struct Free {
    void operator()(CURL* easy) const { curl_library().easy_cleanup(easy); }
  };
  HubOptions options;
  std::function<void()> tick;
  std::unique_ptr<CURL, Free> handle;

  void prepare(Exchange& exchange, curl_slist* headers, char* message) {
    CURL* curl = handle.get();
    curl_library().easy_reset(curl);  // keeps connections
    curl_library().easy_setopt(curl, CURLOPT_URL, exchange.request.address.c_str());
    curl_library().easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_library().easy_setopt(curl, CURLOPT_NOBODY, exchange.request.head ? 1L : 0L);
    curl_library().easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_library().easy_setopt(curl, CURLOPT_USERAGENT, "whyclip");
    curl_library().easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_library().easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_library().easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                               static_cast<long>(options.connect_timeout.count()));
    curl_library().easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_library().easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                               static_cast<long>(options.stall_timeout.count()));
    curl_library().easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_library().easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_library().easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
    curl_library().easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_library().easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
    curl_library().easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (!options.certificates.empty()) {
      curl_library().easy_setopt(curl, CURLOPT_CAINFO, options.certificates.c_str());
    }
  }
};

namespace {

/// Passes libcurl's regular calls to `tick`.
struct Ticker {
  Exchange& exchange;
  const std::function<void()>& tick;

  static int call(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    Ticker& self = *static_cast<Ticker*>(user);
    return self.exchange.guarded([&] { self.tick(); }) ? 0 : 1;
  }
};

}  // namespace

HttpTransfer::HttpTransfer(const HubOptions& options, std::function<void()> tick)
    : state_(std::make_unique<State>()) {
  static const CURLcode ready = curl_library().global_init(CURL_GLOBAL_DEFAULT);
  state_->options = options;
  state_->tick = std::move(tick);
  state_->handle.reset(ready == CURLE_OK ? curl_library().easy_init() : nullptr);
  if (!state_->handle)
    throw Error("download", "libcurl cannot be started", ErrorCode::kUnsupported);
}

HttpTransfer::~HttpTransfer() = default;

HttpReply HttpTransfer::run(const HttpRequest& request) {
  state_->tick();
  curl_slist* list = nullptr;
  // The bytes of a file, and not a compressed form of them, are what checksums are made of.
  list = curl_library().slist_append(list, "Accept-Encoding: identity");
  for (const std::string& header : request.headers)
    list = curl_library().slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owner(
      list, curl_library().slist_free_all);
  char message[CURL_ERROR_SIZE] = {};
  Exchange exchange{.handle = state_->handle.get(), .request = request};
  Ticker ticker{exchange, state_->tick};
  state_->prepare(exchange, list, message);
  curl_library().easy_setopt(state_->handle.get(), CURLOPT_XFERINFOFUNCTION, Ticker::call);
  curl_library().easy_setopt(state_->handle.get(), CURLOPT_XFERINFODATA, &ticker);
  const CURLcode code = curl_library().easy_perform(state_->handle.get());
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  long status = 0;
  curl_library().easy_getinfo(state_->handle.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.reply.status = static_cast<int>(status);
  if (code == CURLE_OK) {
    exchange.announce();  // a body without bytes
  } else if (exchange.refused_bytes <= kMostOfRefusal) {
    exchange.reply.failure = *message != '\0' ? message : curl_library().easy_strerror(code);
    exchange.reply.transient = is_transient(code);
  }
  return std::move(exchange.reply);
}

std::string resolve_address(const std::string& base, const std::string& location) {
  const Address address = parse_address(base);
  if (!address ||
      curl_library().url_set(address.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    return {};
  }
  const std::string scheme = part_of(address, CURLUPART_SCHEME, 0);
  if (scheme != "http" && scheme != "https") return {};
  return part_of(address, CURLUPART_URL, 0);
}

std::string origin_of(const std::string& text) {
  const Address address = parse_address(text);
  if (!address) return {};
  std::string host = part_of(address, CURLUPART_HOST, 0);
  std::ranges::transform(host, host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return fmt::format("{}://{}:{}", part_of(address, CURLUPART_SCHEME, 0), host,
                     part_of(address, CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

std::string percent_encoded(std::string_view text, bool keep_slashes) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' ||
                       c == '_' || c == '~' || (c == '/' && keep_slashes);
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

}  // namespace whyclip
