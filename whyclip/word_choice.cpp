#include "whyclip/word_choice.h"

#include <fmt/format.h>

#include "whyclip/text/templates.h"

namespace whyclip {

WordTexts embed_chosen_words(const Clip& clip, const WordOptions& options,
                             const Progress& progress) {
  const TemplateSet templates =
      options.templates.empty() ? bare_template() : find_templates(options.templates);
  return embed_words(clip, options.words.empty() ? default_words(clip) : options.words, templates,
                     progress);
}

void add_word_settings(const Clip& clip, const WordOptions& options, const WordTexts& words,
                       Settings& settings) {
  std::string source = options.source;
  if (source.empty() && options.words.empty()) {
    source = clip.is_embedded() ? "of the embedded model's world" : "common ones";
  }
  settings.emplace_back("words", fmt::format("{} {}", words.words.size(), source));
  settings.emplace_back("templates of the words",
                        options.templates.empty() ? bare_template().name : options.templates);
}

}  // namespace whyclip
