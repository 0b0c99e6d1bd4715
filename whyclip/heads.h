#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image_source.h"
#include "whyclip/results/common.h"
#include "whyclip/word_options.h"

namespace whyclip {

struct HeadsOptions {
  WordOptions words = {};
  int blocks = 4;                            ///< the heads of the last blocks
  std::optional<int> block = {}, head = {};  ///< one head only, both from 0; set both or none
  int texts = 5;                             ///< words for each head, at most
  View view = View::kCentreCrop;
  Progress progress = {};
};

/// A word of a head.
struct HeadWord {
  std::string word = {};
  double explained = 0;  ///< fraction of the head's variance, after the words before it
};

/// The words of an attention head.
struct HeadDescription {
  int block = 0, head = 0;  ///< both from 0
  std::vector<HeadWord> words = {};
  double explained = 0;   ///< fraction of the variance that all words explain
  double variance = 0;    ///< of the head's vectors between the images
  std::int64_t rank = 0;  ///< dimensions of the span of its vectors

  std::string name() const;  ///< "3.1"
};

/// Words for attention heads, over many images (TextSpan).
struct DescribedHeads {
  ModelInfo model = {};
  std::int64_t images = 0;  ///< that were used
  std::string headline = {};
  std::string description = {};  ///< how the words were computed
  std::vector<HeadDescription> heads = {};
  std::int64_t vocabulary = 0;             ///< number of words to choose from
  bool interrupted = false;                ///< `progress` stopped it: not all images were used
  std::vector<SkippedImage> skipped = {};  ///< images that could not be used
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Describes by words what each attention head writes into image embeddings (Gandelsman et al.,
/// Interpreting CLIP's Image Representation via Text-Based Decomposition, 2024, algorithm 1). If
/// `progress` stops it after at least two images, the result is of the images until then. Throws
/// Error for fewer than two images that can be used and for a head that the model does not have,
/// and as text_span and embed_words do; Cancelled.
DescribedHeads heads(const Clip& clip, std::span<const ImageSource> images,
                     const HeadsOptions& options = {});

/// JSON with "format": "whyclip heads 1" (docs/schema/heads.json). `indent`: spaces a level, −1 for
/// one line.
std::string to_json(const DescribedHeads& heads, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
DescribedHeads heads_from_json(std::string_view text, const std::string& where = "heads");

}  // namespace whyclip
