#include "whyclip/core/error.h"

namespace whyclip {
namespace {

std::string line(std::string_view where, std::string_view message) {
  std::string text = "[";
  text.append(where).append("] ").append(message);
  return text;
}

}  // namespace

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kLimit:
      return "limit";
  }
  return "unknown";
}

Error::Error(std::string_view where, std::string_view message, ErrorCode code)
    : std::runtime_error(line(where, message)), where_size_(where.size()), code_(code) {}

std::string Error::where() const { return std::string(what() + 1, where_size_); }

std::string Error::message() const {
  constexpr std::size_t kAround = 3;  // "[" and "] "
  return what() + where_size_ + kAround;
}

Cancelled::Cancelled(std::string_view where) : std::runtime_error(line(where, "cancelled")) {}

}  // namespace whyclip
