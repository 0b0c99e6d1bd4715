#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// Which words describe images or heads.
struct WordArguments {
  std::string file;       ///< empty: default_words
  std::string templates;  ///< empty: the words themselves

  void add_to(Command& command);
  /// Reads the file, each word once, and warns of those that are there more often. Throws Error as
  /// read_word_list does.
  WordOptions options() const;
};

}  // namespace whyclip::cli
