#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/concept_score.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/image_source.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"
#include "whyclip/word_options.h"

namespace whyclip {

struct ConceptsOptions {
  std::optional<TargetOptions> target = {};  ///< a score that is divided among the words
  WordOptions words = {};
  double penalty = 0.125;  ///< λ, above 0: the larger, the fewer words
  /// Images whose mean embedding is subtracted; none: the mean that is known for the model.
  std::vector<ImageSource> mean_images = {};
  bool centre = true;  ///< false: no mean is subtracted
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  Progress progress = {};
};

/// A word of an image embedding.
struct ConceptWord {
  std::string word = {};
  double weight = 0;                        ///< above 0
  double similarity = 0;                    ///< cosine of the word and the centred embedding
  std::optional<double> contribution = {};  ///< to the target, if there is one
};

/// An image embedding as a sum of few words of a list (SpLiCE).
struct ImageConcepts {
  ModelInfo model = {};
  ImageInfo image = {};
  std::string headline = {};
  std::string summary = {};             ///< how many words, and how well they fit
  std::string description = {};         ///< how the words were computed
  std::vector<ConceptWord> words = {};  ///< the heaviest first
  std::int64_t vocabulary = 0;          ///< number of words to choose from
  double penalty = 0;                   ///< λ
  double max_penalty = 0;               ///< the smallest λ for which no word is chosen
  double objective = 0, duality_gap = 0;
  double centred_norm = 0;                     ///< of the embedding less the mean
  std::optional<double> cosine = {};           ///< of the words' sum and the centred embedding
  std::optional<double> restored_cosine = {};  ///< the same with the mean added, and the whole
  std::string mean = {};                       ///< what was subtracted: "the mean of 64 images"
  std::optional<TargetInfo> target = {};
  std::optional<ConceptScore> score = {};  ///< the parts of the target's value
  std::vector<SkippedImage> skipped = {};  ///< of the images for the mean
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Describes an image's embedding by few words (Bhalla et al., Interpreting CLIP with Sparse Linear
/// Concept Embeddings, 2024). Throws Error for a model whose mean is not known if no images are
/// given, and as make_classifier, choose_target and embed_words do; Cancelled.
ImageConcepts concepts(const Clip& clip, const Image& image, const ConceptsOptions& options = {});

/// JSON with "format": "whyclip concepts 1" (docs/schema/concepts.json). `indent`: spaces a level,
/// −1 for one line.
std::string to_json(const ImageConcepts& concepts, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
ImageConcepts concepts_from_json(std::string_view text, const std::string& where = "concepts");

}  // namespace whyclip
