#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/text/templates.h"

namespace whyclip {

/// A text to compare with images.
struct Prompt {
  std::string text;
  int class_index = -1;  ///< index into ZeroShot::classes, −1 for none
  /// Byte range of the class name in the text; empty without a class.
  std::size_t name_begin = 0, name_end = 0;
};

/// A zero-shot classifier (Radford et al. 2021): prompts, and classes as ensembles of prompts.
struct ZeroShot {
  std::vector<Prompt> prompts;
  std::vector<std::string> classes;
  Tensor prompt_embeddings;          ///< (prompts, projection), normalised
  std::vector<double> prompt_norms;  ///< (prompts): norms before normalisation
  Tensor
      class_embeddings;  ///< (classes, projection): the normalised mean of the normalised prompts
  std::vector<std::string> truncated;  ///< prompts that were longer than the context
};

/// Builds a classifier over the classes with every template (class-major); a duplicate class has
/// two rows. Throws Error for fewer than two classes, and as Clip::encode_text.
ZeroShot zero_shot_classes(const Clip& clip, std::span<const std::string> classes,
                           const TemplateSet& templates, const Progress& progress = {});
/// Embeds prompts without classes. Throws Error if there are none.
ZeroShot zero_shot_prompts(const Clip& clip, std::span<const std::string> prompts,
                           const Progress& progress = {});

struct PromptScore {
  double similarity;   ///< cosine
  double logit;        ///< exp(logit_scale) × similarity
  double probability;  ///< softmax over all prompts
};

struct ClassScore {
  double similarity, logit;
  double probability;  ///< softmax over the classes
};

struct Scores {
  std::vector<PromptScore> prompts;  ///< in the order of ZeroShot::prompts
  std::vector<ClassScore> classes;   ///< in the order of ZeroShot::classes
};

/// Compares an image embedding (not normalised, projection values) with all prompts and classes.
/// Throws Error if the embedding is not finite or zero.
Scores score(const Clip& clip, const ZeroShot& zero_shot, std::span<const float> image_embedding);

}  // namespace whyclip
