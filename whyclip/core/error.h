#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace whyclip {

/// The one exception type of the library. what() reads "[where] what went wrong; expected …, got
/// …": one line that names the file or field and the offending value and, where possible, says what
/// to do.
class Error : public std::runtime_error {
 public:
  /// `where` names the file, field, option or trace point that the error is about.
  Error(std::string_view where, std::string_view what);
};

/// Thrown if a progress callback requests cancellation.
class Cancelled : public Error {
 public:
  explicit Cancelled(std::string_view where);
};

}  // namespace whyclip
