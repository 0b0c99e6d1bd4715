#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// Some hundred words for what images show (things, places, colours, textures, kinds of image),
/// for those who have no list of their own: common_words.txt.
const std::vector<std::string>& common_words();

}  // namespace whyclip
