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
  /// `where` is what the reader knows the thing by: a file, a field, an option, a trace point.
  Error(std::string_view where, std::string_view what);
};

/// Thrown out of a long call whose progress callback asked to stop.
class Cancelled : public Error {
 public:
  explicit Cancelled(std::string_view where);
};

}  // namespace whyclip
