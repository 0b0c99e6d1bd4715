#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// Some hundred words for the content of images (things, places, colours, textures, kinds of image)
/// from common_words.txt, the default list of words.
const std::vector<std::string>& common_words();

}  // namespace whyclip
