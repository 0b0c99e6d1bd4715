#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/named_options.h"

namespace whyclip::cli {

/// Reads "gae.start=3" for each. Throws Error for what cannot be read, for methods and options that
/// do not exist and values that an option does not take.
NamedOptionTexts method_options(const std::vector<std::string>& texts);

/// whyclip::choose_methods of the names between commas.
std::vector<const Method*> choose_methods(const std::string& text, bool words);

}  // namespace whyclip::cli
