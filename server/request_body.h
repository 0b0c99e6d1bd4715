#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/http.h"

namespace whyclip::server {

inline constexpr std::size_t kMostJson = std::size_t{1} << 20;    // bytes of a compute call
inline constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of an image or a result

/// A body of more than this many times the limit is not even skipped.
inline constexpr std::size_t kMostSkipped = 4;
/// Time without a byte.
inline constexpr std::chrono::seconds kReadTimeout{5};

/// The declared length of the body; none if it comes in chunks.
std::optional<std::uint64_t> content_length(const httplib::Request& request);

/// The body of a request. Throws RequestError: 413 for more than `most` bytes, 408 for a client
/// that is too slow, 400 for one that stops in the middle, 415 for a form.
std::string read_body(const httplib::Request& request, const httplib::ContentReader& reader,
                      std::size_t most);

/// Reads a body and forgets it, so that the client reads the answer: a connection that is closed
/// with unread bytes is reset.
void skip_body(const httplib::Request& request, const httplib::ContentReader& reader);

}  // namespace whyclip::server
