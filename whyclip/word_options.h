#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// Words, or whole sentences, that describe images or heads.
struct WordOptions {
  std::vector<std::string> words = {};  ///< none: default_words
  std::string source = {};              ///< where they are from, for the reader: a file
  /// find_templates: "imagenet", "simple" or a file; empty: the words themselves are the prompts.
  std::string templates = {};
};

}  // namespace whyclip
