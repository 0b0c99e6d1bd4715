#include "whyclip/list_methods.h"

#include "whyclip/methods/method_choice.h"

namespace whyclip {

MethodList list_methods(const std::vector<std::string>& names) {
  MethodList list;
  for (const Method* method : named_methods(names)) {
    list.methods.push_back({method->info, method->units()});
  }
  return list;
}

}  // namespace whyclip
