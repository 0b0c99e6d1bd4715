#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/json_body.h"
#include "whyclip/extend.h"
#include "whyclip/whyclip.h"

// Reads the options that several calls have from the JSON of a request. Each function names the
// fields that it knows to the reader, and throws RequestError or Error for a value that cannot be
// used. No option can name a file.

namespace whyclip::server {

inline constexpr std::size_t kMostClasses = 2000, kMostPrompts = 1000, kMostWords = 20'000;

View read_view(ObjectReader& options);
ClassifierOptions read_classifier(ObjectReader& options);
TargetOptions read_target(ObjectReader& options);
/// "patches", "blocks:3x3", "slic:20" or "slic:20:10".
std::string read_regions(ObjectReader& options, const std::string& otherwise = {});
std::map<std::string, std::string> read_method_options(const Json& object,
                                                       const std::string& where);
OptionTexts read_options_of_methods(ObjectReader& options);
WordOptions read_words(ObjectReader& options);

}  // namespace whyclip::server
