#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/text/templates.h"

namespace whyclip {

/// Words or sentences and their directions in the joint space.
struct WordTexts {
  std::vector<std::string> words = {};
  /// (words, projection), of length 1: the normalised mean of the normalised embeddings of a word's
  /// prompts.
  std::vector<double> directions = {};
  std::vector<std::string> truncated = {};  ///< prompts that were longer than the context

  std::size_t projection() const { return directions.size() / words.size(); }
  std::span<const double> direction(std::size_t word) const {
    return std::span(directions).subspan(word * projection(), projection());
  }
};

/// "{}" alone: the words themselves are the prompts.
const TemplateSet& bare_template();

/// Embeds words, each in every template. Memory grows with the words, not with the templates.
/// Throws Error for no words, and as Clip::encode_text does; Cancelled.
WordTexts embed_words(const Clip& clip, std::vector<std::string> words,
                      const TemplateSet& templates, const Progress& progress = {});

/// The default word list of a model: words of its cartoon domain for the embedded model,
/// common_words for any other.
std::vector<std::string> default_words(const Clip& clip);

}  // namespace whyclip
