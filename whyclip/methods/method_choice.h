#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

/// Options of methods or metrics as texts: by the owner's name, then by the option's.
using OptionTexts = std::map<std::string, std::map<std::string, std::string>>;

/// The methods that names, families ("family:gradient", or "attention", which is no method's name)
/// and "all" stand for, in the registry's order. "all" excludes methods with MethodInfo::in_all
/// false. Throws Error for a word that is neither name nor family, and for a method that gives
/// values to pairs of words and patches only unless `pairs`.
std::vector<const Method*> choose_methods(std::span<const std::string> words, bool pairs = false);

/// The same for a list: all methods if there are no words, none refused.
std::vector<const Method*> named_methods(std::span<const std::string> words);

/// Throws Error for methods and options that do not exist and for values that an option does not
/// take.
void check_method_options(const OptionTexts& options);

}  // namespace whyclip
