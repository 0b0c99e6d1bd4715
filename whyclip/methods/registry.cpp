#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "whyclip/core/error.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace {

std::vector<Method> make_methods() {
  std::vector<Method> all;
#define METHODS(function) std::ranges::move(function(), std::back_inserter(all));
#include "whyclip/methods/method_files.inc"
#undef METHODS
  std::ranges::stable_sort(all, {}, [](const Method& method) { return method.info.family; });
  return all;
}

}  // namespace

const std::vector<Method>& methods() {
  static const std::vector<Method> all = make_methods();
  return all;
}

const Method& find_method(std::string_view name) {
  const auto found = std::ranges::find_if(
      methods(), [&](const Method& method) { return method.info.name == name; });
  if (found != methods().end()) return *found;
  std::vector<std::string> names;
  for (const Method& method : methods()) names.push_back(method.info.name);
  throw Error(
      "method",
      fmt::format("there is no method \"{}\"; expected one of {}", name, fmt::join(names, ", ")),
      ErrorCode::kNotFound);
}

}  // namespace whyclip
