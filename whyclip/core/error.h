#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace whyclip {

/// What kind of error it is, for programs that react to it.
enum class ErrorCode {
  kInvalid,      ///< an argument, option or file content that is not as expected
  kNotFound,     ///< a name (method, class, trace point, file) that does not exist
  kUnsupported,  ///< a model, format or combination that this version does not support
  kIo,           ///< a file that exists and cannot be read, or cannot be written
  kLimit,        ///< more memory, pixels or patches than allowed or available
};

/// "invalid", "not found", "unsupported", "io", "limit".
std::string_view name_of(ErrorCode code);

/// The error of all calls. what() is one line, "[where] message"; the message says what went wrong
/// and, where possible, what was expected, what was found and what to do.
class Error : public std::runtime_error {
 public:
  /// `where` names the file, field, option or trace point as the reader knows it.
  Error(std::string_view where, std::string_view message, ErrorCode code = ErrorCode::kInvalid);

  std::string where() const;
  std::string message() const;
  ErrorCode code() const noexcept { return code_; }

 private:
  std::size_t where_size_;  // what() has both texts; exceptions must be copied without throwing
  ErrorCode code_;
};

/// Thrown out of a long call whose progress callback returned false. It is not an Error: nothing
/// went wrong.
class Cancelled : public std::runtime_error {
 public:
  /// `where` names the stage that was cancelled.
  explicit Cancelled(std::string_view where);
};

}  // namespace whyclip
