#include "server/failure.h"

#include <new>
#include <nlohmann/json.hpp>

#include "whyclip/core/error.h"

namespace whyclip::server {
namespace {

Failure failure_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalid:
      return {400, "invalid", error.where(), error.message()};
    case ErrorCode::kNotFound:
      return {400, "not_found", error.where(), error.message()};
    case ErrorCode::kUnsupported:
      return {422, "unsupported", error.where(), error.message()};
    case ErrorCode::kIo:
      return {422, "invalid", error.where(), error.message()};
    case ErrorCode::kLimit:
      return {422, "too_large", error.where(), error.message()};
  }
  return {500, "internal", error.where(), error.message()};
}

/// Errors may quote what was sent.
std::string shortened(std::string text) {
  constexpr std::size_t kMost = 2000;  // bytes
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // UTF-8
  return text.substr(0, end) + "…";
}

}  // namespace

void refuse(std::string_view where, std::string_view message) {
  throw RequestError({400, "invalid", std::string(where), std::string(message)});
}

void refuse_unknown(std::string_view where, std::string_view message) {
  throw RequestError({404, "not_found", std::string(where), std::string(message)});
}

Failure failure_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const RequestError& failed) {
    return failed.failure();
  } catch (const Error& failed) {
    return failure_of(failed);
  } catch (const Cancelled& cancelled) {
    return {503, "cancelled", "request", "the work was cancelled"};
  } catch (const std::bad_alloc&) {
    return {503, "unavailable", "memory",
            "there is not enough memory for this: try a smaller image or fewer classes"};
  } catch (const std::exception& failed) {
    return {500, "internal", "server", failed.what()};
  } catch (...) {
    return {500, "internal", "server", "failed without a reason"};
  }
}

std::string json_of(const Failure& failure) {
  const nlohmann::ordered_json json{{"error",
                                     {{"code", failure.code},
                                      {"where", shortened(failure.where)},
                                      {"message", shortened(failure.message)}}}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace whyclip::server
