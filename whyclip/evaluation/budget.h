#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "whyclip/methods/method.h"

namespace whyclip {

/// What expensive methods and metrics may spend.
enum class Budget {
  kQuick,  ///< reduced options: quick_budget
  kFull,   ///< their defaults
};

/// "quick", "full".
std::string_view name_of(Budget budget);

/// The values of the options of a method or metric in a quick evaluation (MethodOption::quick), so
/// that the whole catalogue runs on hundreds of images; empty if the defaults are cheap enough.
/// Results must state them. Curves: over 51 maps of each of twelve drawings, areas over the few
/// steps of a quick evaluation rank the methods as areas over ten steps of pixels (twenty of
/// tokens) do, with a rank correlation of 0.95 to 0.99.
std::map<std::string, std::string> quick_budget(std::span<const MethodOption> options);

}  // namespace whyclip
