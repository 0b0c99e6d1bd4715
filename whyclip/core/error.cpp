#include "whyclip/core/error.h"

namespace whyclip {
namespace {

std::string line(std::string_view where, std::string_view what) {
  std::string text = "[";
  text.append(where).append("] ").append(what);
  return text;
}

}  // namespace

Error::Error(std::string_view where, std::string_view what)
    : std::runtime_error(line(where, what)) {}

Cancelled::Cancelled(std::string_view where) : Error(where, "cancelled") {}

}  // namespace whyclip
