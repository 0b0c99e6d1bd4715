#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/text_span.h"
#include "whyclip/attribution/word_texts.h"
#include "whyclip/core/progress.h"

namespace whyclip {

/// An attention head of the image tower, both from 0.
struct HeadPosition {
  int block = 0, head = 0;
  bool operator==(const HeadPosition&) const = default;
};

/// The direct contributions of heads to normalised image embeddings, over many images: the vector c
/// = P γ (x − mean(x)) / (σ ‖z‖) of each image, where x = W_O Σ_j A_j W_V x_j is the head's output
/// in the class token's residual stream (Gandelsman et al. 2024, eqs. 5, 6; norms frozen as in the
/// ledger). Biases are excluded. Memory does not grow with the number of images.
class HeadOutputs {
 public:
  /// Collects the heads of the last `blocks` blocks (all if there are fewer), or the head `only`.
  explicit HeadOutputs(int blocks, std::optional<HeadPosition> only = {});
  /// Adds an image of the same model. Throws Error for a head that does not exist.
  void add(const RecordedImage& recorded);
  std::int64_t images() const { return images_; }

  struct Head {
    HeadPosition position;
    VectorSums outputs;
  };
  const std::vector<Head>& heads() const { return heads_; }  ///< block by block

 private:
  void begin(const RecordedImage& recorded);

  int blocks_;
  std::optional<HeadPosition> only_;
  std::int64_t images_ = 0;
  std::vector<Head> heads_;
};

/// An image's vector of one head in the joint space, (projection): with those of all heads, MLPs,
/// the embedding and the biases it adds up to ẑ. Throws Error for a head that does not exist.
std::vector<double> head_vector(const RecordedImage& recorded, HeadPosition position);

/// The words chosen for a head.
struct HeadWords {
  HeadPosition position;
  TextSpan span;
};

struct HeadWordsOptions {
  int texts = 5;  ///< maximum number of texts per head
  Progress progress = {};
};

/// TextSpan for each head. Throws Error as text_span does; Cancelled.
std::vector<HeadWords> head_words(const HeadOutputs& outputs, const WordTexts& words,
                                  const HeadWordsOptions& options = {});

}  // namespace whyclip
