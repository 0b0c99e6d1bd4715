#include "whyclip/evaluation/budget.h"

namespace whyclip {

std::string_view name_of(Budget budget) { return budget == Budget::kQuick ? "quick" : "full"; }

std::map<std::string, std::string> quick_budget(std::span<const MethodOption> options) {
  std::map<std::string, std::string> budget;
  for (const MethodOption& option : options) {
    if (!option.quick.empty()) budget[option.name] = option.quick;
  }
  return budget;
}

}  // namespace whyclip
