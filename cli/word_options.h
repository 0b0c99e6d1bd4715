#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// Which words describe images or heads.
struct WordOptions {
  std::string file;       ///< empty: default_words
  std::string templates;  ///< empty: the words themselves

  void add_to(Command& command);
  /// Embeds them with a progress bar, and warns of those that are too long. Throws Error as
  /// read_word_list, find_templates and embed_words do.
  WordTexts embed(const Clip& clip) const;
  /// For a table of settings: "102 of the embedded model's world", "words.txt".
  std::string source(const Clip& clip) const;
  std::string template_name() const;
};

}  // namespace whyclip::cli
