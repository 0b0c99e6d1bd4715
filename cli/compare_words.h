#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// What one method says of the words, summed over the target's prompts by their weights, or the
/// mean where it has no unit.
struct WordsOfMethod {
  MethodInfo info = {};
  std::vector<double> words;  ///< in the order of ComparedWords::words
  double seconds = 0;
  std::optional<double> residual = {};  ///< total − (words + elsewhere), if it has a total
};

/// What one method says of words and patches together.
struct PairsOfMethod {
  MethodInfo info = {};
  std::vector<std::vector<float>> maps;  ///< for each of ComparedWords::pair_rows a patch map
  std::vector<double> alone;             ///< what each has without a patch
  std::vector<double> patches = {};      ///< what each patch has without a word, if the method says
  double word_pairs = 0, patch_pairs = 0;  ///< sums over pairs of words, and pairs of patches
  double seconds = 0;
  std::optional<double> residual = {};
  std::vector<std::string> notes = {};
};

/// The text side of a comparison.
struct ComparedWords {
  std::vector<std::string> prompts = {};    ///< of the target
  std::vector<std::string> words = {};      ///< one prompt: its words; several: distinct ones
  std::vector<std::string> pair_rows = {};  ///< one prompt: its words; several: "class name" and
                                            ///< "other words"
  std::vector<WordsOfMethod> methods = {};
  std::vector<PairsOfMethod> pairs = {};
};

struct MethodWithSettings {
  const Method* method;
  MethodSettings settings;
};

/// Puts the methods' questions to every prompt of the target. Throws Error for a target that is not
/// made of prompts; Cancelled.
ComparedWords compare_words(ExplanationContext& context,
                            const std::vector<MethodWithSettings>& methods);

std::string words_text(const ComparedWords& words);
Json words_json(const ComparedWords& words, const PatchGrid& grid);
/// Sections of the page.
void add_words(const ComparedWords& words, const Image& source, const PatchGrid& grid,
               const OverlayOptions& overlay, Document& page);

}  // namespace whyclip::cli
