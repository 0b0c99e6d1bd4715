#pragma once

#include <map>
#include <string>

namespace whyclip {

/// Options for methods that leave much out or descend long, so that the whole catalogue can be run
/// on hundreds of pictures; empty for methods whose defaults are cheap enough. Whoever quotes such
/// results quotes these.
const std::map<std::string, std::string>& quick_budget(const std::string& method);

}  // namespace whyclip
