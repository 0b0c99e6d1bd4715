#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace whyclip {

/// The text as HTML: & < > " ' as entities, control characters and bytes that are no UTF-8
/// replaced.
std::string escape_html(std::string_view text);

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::span<const std::byte> bytes);

/// 'sha256-…' as a Content-Security-Policy names the content of a script or style element. Throws
/// Error if the library of checksums fails.
std::string policy_hash(std::string_view content);

}  // namespace whyclip
