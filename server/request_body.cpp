#include "server/request_body.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "server/failure.h"

namespace whyclip::server {
namespace {

using Clock = std::chrono::steady_clock;

/// For a whole body: more threads wait for small ones, because large ones are limited in number.
constexpr std::chrono::seconds kLongest{60}, kLongestSmall{10};

bool is_small(const httplib::Request& request) {
  return content_length(request).value_or(kMostBytes) <= kMostJson;
}

}  // namespace

std::optional<std::uint64_t> content_length(const httplib::Request& request) {
  const std::string text = request.get_header_value("Content-Length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(length)
                                                                  : std::nullopt;
}

std::string read_body(const httplib::Request& request, const httplib::ContentReader& reader,
                      std::size_t most) {
  if (request.is_multipart_form_data()) {
    skip_body(request, reader);
    throw RequestError({415, "unsupported", "Content-Type",
                        "forms are not read: send the bytes or the JSON itself as the body"});
  }
  std::string body;
  std::size_t size = 0;
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + (is_small(request) ? kLongestSmall : kLongest);
  const bool complete = reader([&](const char* data, std::size_t count) {
    size += count;
    if (size <= most) body.append(data, count);
    return size <= kMostSkipped * most && Clock::now() < end;
  });
  const bool declared = content_length(request).value_or(0) > most;
  if (size > most || (!complete && declared)) {
    throw RequestError({413, "too_large", "body", fmt::format("has more than {} bytes", most)});
  }
  if (!complete && Clock::now() < start + kReadTimeout) {
    throw RequestError(
        {400, "invalid", "body", "ends early, or its chunks cannot be read: send it again"});
  }
  if (!complete) {
    throw RequestError({408, "invalid", "body", "did not arrive in time: send it again"});
  }
  return body;
}

void skip_body(const httplib::Request& request, const httplib::ContentReader& reader) {
  const Clock::time_point end = Clock::now() + (is_small(request) ? kLongestSmall : kLongest);
  std::size_t size = 0;
  const auto skip = [&](const char*, std::size_t count) {
    size += count;
    return size <= kMostBytes && Clock::now() < end;
  };
  if (request.is_multipart_form_data()) {
    reader([](const auto&) { return true; }, skip);
  } else {
    reader(skip);
  }
}

}  // namespace whyclip::server
