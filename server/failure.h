#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace whyclip::server {

/// An answer that is not a result: an HTTP status, and the fields of its JSON.
struct Failure {
  int status = 500;
  std::string code;     ///< "invalid", "not_found", "busy", …
  std::string where;    ///< the field, header or image
  std::string message;  ///< one sentence that says what to do
};

/// Thrown by the server's own code.
class RequestError : public std::runtime_error {
 public:
  explicit RequestError(Failure failure)
      : std::runtime_error(failure.message), failure_(std::move(failure)) {}

  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

/// 400 "invalid".
[[noreturn]] void refuse(std::string_view where, std::string_view message);
/// 404 "not_found".
[[noreturn]] void refuse_unknown(std::string_view where, std::string_view message);

/// What a client is told of an exception of the server or of the library.
Failure failure_of(const std::exception_ptr& error);

/// {"error": {"code", "where", "message"}} with a final newline.
std::string json_of(const Failure& failure);

}  // namespace whyclip::server
