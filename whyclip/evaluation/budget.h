#pragma once

#include <map>
#include <string>
#include <string_view>

namespace whyclip {

/// What expensive methods and metrics may spend.
enum class Budget {
  kQuick,  ///< reduced options: quick_budget
  kFull,   ///< their defaults
};

/// "quick", "full".
std::string_view name_of(Budget budget);

/// Reduced options for expensive methods and metrics, so that the whole catalogue runs on hundreds
/// of images; empty if the defaults are cheap enough. Results must state them. Curves: over 51 maps
/// of each of twelve drawings, areas over these few steps rank the methods as areas over ten steps
/// of pixels (twenty of tokens) do, with a rank correlation of 0.95 to 0.99.
std::map<std::string, std::string> quick_budget(const std::string& name);

}  // namespace whyclip
