#include "whyclip/hub/checksum.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

[[noreturn]] void fail_checksum() {
  throw Error("checksum", "the library of checksums (OpenSSL) failed", ErrorCode::kUnsupported);
}

}  // namespace

struct Checksum::State {
  struct Free {
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context;
};

Checksum::Checksum(ChecksumKind kind, std::uint64_t size) : state_(std::make_unique<State>()) {
  if (kind == ChecksumKind::kNone) return;
  state_->context.reset(EVP_MD_CTX_new());
  const EVP_MD* algorithm = kind == ChecksumKind::kSha256 ? EVP_sha256() : EVP_sha1();
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), algorithm, nullptr) != 1) {
    fail_checksum();
  }
  if (kind != ChecksumKind::kGitBlob) return;
  // Reference: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
  const std::string header = fmt::format("blob {}", size);
  add({header.c_str(), header.size() + 1});
}

Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::add(std::span<const char> bytes) {
  if (!state_->context) return;
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) fail_checksum();
}

std::string Checksum::finish() {
  if (!state_->context) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) != 1) fail_checksum();
  std::string digits;
  for (unsigned i = 0; i < size; ++i) digits += fmt::format("{:02x}", digest[i]);
  return digits;
}

ChecksumKind checksum_kind(const std::string& text) {
  constexpr std::size_t kSha1Digits = 40, kSha256Digits = 64;
  constexpr std::string_view kDigits = "0123456789abcdef";
  const bool digits = text.find_first_not_of(kDigits) == text.npos;
  if (digits && text.size() == kSha1Digits) return ChecksumKind::kGitBlob;
  if (digits && text.size() == kSha256Digits) return ChecksumKind::kSha256;
  return ChecksumKind::kNone;
}

}  // namespace whyclip
