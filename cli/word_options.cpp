#include "cli/word_options.h"

#include <CLI/CLI.hpp>

namespace whyclip::cli {

void WordOptions::add_to(CLI::App& command) {
  command
      .add_option("--words", file,
                  "File with the words, or whole sentences, one a line [default: some hundred "
                  "common ones; for the embedded model those of its world]")
      ->type_name("FILE");
  command
      .add_option("--word-templates", templates,
                  "Sentences for the words: imagenet (80 of them), simple (one), or a file with "
                  "one a line, {} standing for the word [default: the words themselves]")
      ->type_name("SET|FILE");
}

WordTexts WordOptions::embed(const Clip& clip) const {
  const TemplateSet set = templates.empty() ? bare_template() : find_templates(templates);
  WordTexts words = embed_words(clip, file.empty() ? default_words(clip) : read_word_list(file),
                                set, progress_bar());
  warn_truncated(clip, words.truncated);
  return words;
}

std::string WordOptions::source(const Clip& clip) const {
  if (!file.empty()) return file;
  return clip.is_embedded() ? "of the embedded model's world" : "common ones";
}

std::string WordOptions::template_name() const {
  return templates.empty() ? bare_template().name : templates;
}

}  // namespace whyclip::cli
