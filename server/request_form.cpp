#include "server/request_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "server/request_body.h"

namespace whyclip::server {
namespace {

constexpr std::size_t kMostHeaders = 100;

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::optional<Failure> check_length(const httplib::Request& request) {
  const auto refused = [](int status, const char* code, std::string message) {
    return Failure{status, code, "Content-Length", std::move(message)};
  };
  const std::size_t lengths = request.get_header_value_count("Content-Length");
  const std::size_t encodings = request.get_header_value_count("Transfer-Encoding");
  if (lengths + encodings > 1) {
    return refused(400, "invalid", "and Transfer-Encoding: expected one of them, once");
  }
  if (encodings == 1 && lower(request.get_header_value("Transfer-Encoding")) != "chunked") {
    return Failure{400, "invalid", "Transfer-Encoding", "expected chunked"};
  }
  if (lengths == 0) {
    if (encodings == 1 || request.method != "POST") return {};
    return refused(411, "invalid", "is missing: send the number of bytes of the body");
  }
  const std::string text = request.get_header_value("Content-Length");
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
    return refused(400, "invalid", "expected a number of bytes");
  }
  const std::uint64_t length = content_length(request).value_or(UINT64_MAX);
  if (length <= kMostSkipped * kMostBytes) return {};
  return refused(413, "too_large", fmt::format("expected at most {} bytes", kMostBytes));
}

}  // namespace

std::optional<Failure> check_form(const httplib::Request& request) {
  if (request.headers.size() > kMostHeaders) {
    return Failure{431, "too_large", "headers",
                   fmt::format("expected at most {} headers", kMostHeaders)};
  }
  if (auto failure = check_length(request)) return failure;
  if (request.has_header("Content-Encoding") &&
      lower(request.get_header_value("Content-Encoding")) != "identity") {
    return Failure{415, "unsupported", "Content-Encoding", "send the body without compression"};
  }
  return {};
}

std::optional<Failure> keep_path(httplib::Request& request) {
  constexpr std::string_view kScheme = "http://";
  if (!lower(request.path.substr(0, kScheme.size())).starts_with(kScheme)) return {};
  const std::size_t end = std::min(request.path.find('/', kScheme.size()), request.path.size());
  const std::string host = request.path.substr(kScheme.size(), end - kScheme.size());
  if (lower(host) != lower(request.get_header_value("Host"))) {
    return Failure{400, "invalid", "Host", "is not that of the address of the request"};
  }
  request.path = end == request.path.size() ? "/" : request.path.substr(end);
  return {};
}

std::string media_type(const httplib::Request& request) {
  const std::string type = request.get_header_value("Content-Type");
  return lower(trimmed(type.substr(0, type.find(';'))));
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace whyclip::server
