#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "whyclip/attribution/attribution.h"

// What a score is made of on the text side.

namespace whyclip {

/// A token's part of a logit.
struct TokenContribution {
  std::string piece = {};          ///< for the eye: Tokenizer::piece
  std::size_t begin = 0, end = 0;  ///< the bytes of the prompt that it stands for
  double contribution = 0;
};

/// A word's part of a logit: its byte-pair pieces joined. What a word is, CLIP's tokenizer says: a
/// run of letters, one digit, or a run of other signs.
struct WordContribution {
  std::string text = {};           ///< as the prompt has it
  std::size_t begin = 0, end = 0;  ///< its bytes in the prompt
  double contribution = 0;
  bool class_name = false;  ///< it has something of the name that was filled into the template
  std::vector<TokenContribution> tokens = {};
};

/// One prompt's part of a logit: words + start + end + positions + biases = logit, up to rounding.
/// The weight is in all of them.
struct PromptContributions {
  std::string text = {};
  double weight = 0;  ///< of its normalised embedding in the target
  bool truncated =
      false;         ///< the model does not read all of it, and `words` has only what it reads
  double logit = 0;  ///< weight × the prompt's own logit
  std::vector<WordContribution> words = {};
  double start = 0, end = 0;  ///< of the tokens that the tokenizer adds
  double positions = 0, biases = 0;
  double sum = 0, residual = 0;
};

/// A word over all prompts of a target, letter case ignored.
struct WordTotal {
  std::string text = {};
  bool class_name = false;
  int count = 0;  ///< how often it is read
  double contribution = 0;
};

/// A logit taken apart on the text side: class_words + other_words + start + end + positions +
/// biases = logit, up to rounding. All in logit units.
struct TextContributions {
  std::string target_kind = {}, target_name = {};
  double logit = 0;  ///< as the model computes it
  std::vector<PromptContributions> prompts = {};
  double class_words = 0;  ///< of the class names in the prompts; of all classes of a contrast
  double other_words = 0;
  double start = 0, end = 0;
  double positions = 0;                   ///< of all position embeddings
  std::vector<Contribution> biases = {};  ///< in the order of the network
  double sum = 0;                         ///< of everything above
  double residual = 0;                    ///< logit − sum
  std::vector<WordTotal> words = {};      ///< the largest |contribution| first
};

/// Word × region: a logit as the sum of a matrix. All in logit units.
struct Interaction {
  std::string target_kind = {}, target_name = {};
  double logit = 0;                        ///< as the model computes it
  std::vector<std::string> words = {};     ///< rows: WordVectors::names
  std::vector<std::string> regions = {};   ///< columns: the regions' names, then "class token",
                                           ///< "positions" and "biases"
  std::vector<double> contributions = {};  ///< (words, regions)
  std::vector<double> word_sums = {};      ///< (words): what text_contributions says of them
  std::vector<double> region_sums = {};    ///< (regions): what contributions says of them
  double sum = 0;                          ///< of all contributions
  double residual = 0;                     ///< logit − sum
};

}  // namespace whyclip
