#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/named_options.h"

namespace whyclip::cli {

/// Reads "gae.start=3" for each. Throws Error for what cannot be read, for methods and options that
/// do not exist and values that an option does not take.
NamedOptionTexts method_options(const std::vector<std::string>& texts);

/// The methods that the words stand for, in the registry's order; all if there are none. Throws
/// Error for a word that is neither name nor family.
std::vector<const Method*> named_methods(const std::vector<std::string>& words);

/// The methods that a list of names, families ("family:gradient", or "attention", which is no
/// method's name) and "all" stands for, in the registry's order. "all" leaves out the published
/// tracing, which takes as long as all others together. Throws Error for a method of pairs of words
/// and patches unless `words`.
std::vector<const Method*> choose_methods(const std::string& text, bool words);

}  // namespace whyclip::cli
