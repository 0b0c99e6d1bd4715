#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// Some hundred words for what pictures show (things, places, colours, textures, kinds of picture),
/// for those who have no list of their own: common_words.txt.
const std::vector<std::string>& common_words();

}  // namespace whyclip
