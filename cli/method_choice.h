#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// What was set, by method and option.
using MethodOptionTexts = std::map<std::string, std::map<std::string, std::string>>;

/// Reads "gae.start=3" for each. Throws Error for what cannot be read, for methods and options that
/// do not exist and values that an option does not take.
MethodOptionTexts method_options(const std::vector<std::string>& texts);

/// The methods that a list of names, families and "all" stands for, in the registry's order. "all"
/// leaves out the published tracing, which takes as long as all others together. Throws Error for a
/// method of pairs of words and patches unless `words`.
std::vector<const Method*> choose_methods(const std::string& text, bool words);

}  // namespace whyclip::cli
