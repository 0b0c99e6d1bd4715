#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/methods/method_choice.h"

namespace whyclip::cli {

using NamedOptionTexts = OptionTexts;

/// Reads "NAME.OPTION=VALUE" texts. `flag` and `form` ("METHOD.OPTION=VALUE") are for the Error
/// that is thrown for what cannot be read; `check` may throw one for a name.
NamedOptionTexts named_options(const std::vector<std::string>& texts, std::string_view flag,
                               std::string_view form,
                               const std::function<void(const std::string&)>& check);

}  // namespace whyclip::cli
