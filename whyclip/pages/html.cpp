#include "whyclip/pages/html.h"

#include <openssl/evp.h>

#include <array>
#include <limits>

#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr char32_t kReplacement = U'\uFFFD';

bool is_control(char32_t c) {
  return (c < 0x20 && c != U'\n' && c != U'\t') || (c >= 0x7F && c < 0xA0);
}

/// The entity for a character with a meaning in HTML; empty for all others.
std::u32string_view entity(char32_t c) {
  switch (c) {
    case U'&':
      return U"&amp;";
    case U'<':
      return U"&lt;";
    case U'>':
      return U"&gt;";
    case U'"':
      return U"&quot;";
    case U'\'':
      return U"&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::u32string safe;
  safe.reserve(text.size());
  for (const char32_t c : code_points(text)) {
    const std::u32string_view replaced = entity(c);
    if (replaced.empty()) {
      safe.push_back(is_control(c) ? kReplacement : c);
    } else {
      safe += replaced;
    }
  }
  return to_utf8(safe);
}

std::string base64(std::span<const std::byte> bytes) {
  if (bytes.size() > std::size_t(std::numeric_limits<int>::max()) / 2) {
    throw Error("base64", "a picture of more than 1 GiB cannot be put into a page");
  }
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string policy_hash(std::string_view content) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 &size, EVP_sha256(), nullptr) != 1) {
    throw Error("page", "the library of checksums (OpenSSL) failed", ErrorCode::kUnsupported);
  }
  return "'sha256-" + base64(std::span(digest).first(size)) + "'";
}

}  // namespace whyclip
