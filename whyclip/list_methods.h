#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

/// A method as lists show it.
struct ListedMethod {
  MethodInfo info = {};
  std::vector<Unit> units = {};  ///< what it assigns values to
};

/// Methods with their options, defaults and ranges.
struct MethodList {
  std::vector<ListedMethod> methods = {};
};

/// The methods of the names and families, or all. Throws Error as named_methods does.
MethodList list_methods(const std::vector<std::string>& names = {});

/// "how many: 1 to 100 [default: 5]".
std::string option_text(const MethodOption& option);

/// JSON with "format": "whyclip methods 1" (docs/schema/methods.json). `indent`: spaces a level, −1
/// for one line.
std::string to_json(const MethodList& list, int indent = 1);
/// The inverse. Throws Error naming `where` and the field for a text that is cut off, of another
/// kind or of a newer version.
MethodList methods_from_json(std::string_view text, const std::string& where = "methods");

}  // namespace whyclip
