#include "cli/word_options.h"

#include <fmt/format.h>

#include <unordered_set>

namespace whyclip::cli {
namespace {

/// Each word once: two equal directions would share one weight in no certain way.
std::vector<std::string> words_of_file(const std::string& file) {
  std::vector<std::string> words, repeated;
  std::unordered_set<std::string> seen;
  for (std::string& word : read_word_list(file)) {
    const bool is_new = seen.insert(word).second;
    (is_new ? words : repeated).push_back(std::move(word));
  }
  if (!repeated.empty()) {
    warn(fmt::format("warning: [{}] {} word{} there more than once, which changes nothing: {}{}",
                     file, repeated.size(), repeated.size() == 1 ? " is" : "s are", repeated[0],
                     repeated.size() == 1 ? "" : ", …"));
  }
  return words;
}

}  // namespace

void WordArguments::add_to(Command& command) {
  command
      .add_option(
          "--words", file,
          "File with the words, or whole sentences: one a line (lines that begin with # are "
          "skipped), or a JSON array [default: some hundred common ones; for the embedded "
          "model those of its world]")
      ->type_name("FILE");
  command
      .add_option("--word-templates", templates,
                  "Sentences for the words: imagenet (80 of them), simple (one), or a file with "
                  "one a line, {} standing for the word [default: the words themselves]")
      ->type_name("SET|FILE");
}

WordOptions WordArguments::options() const {
  return {.words = file.empty() ? std::vector<std::string>() : words_of_file(file),
          .source = file,
          .templates = templates};
}

}  // namespace whyclip::cli
