#pragma once

#include <vector>

#include "whyclip/model/block.h"

namespace whyclip {

/// Which rows of the last block are computed.
enum class LastBlock {
  kPooledOnly,  ///< the class token's, which is all that the embedding reads
  kAllRows,     ///< every token's, for those who look at the trace points
};

/// Images as the vision tower reads them.
struct PixelBatch {
  Tensor pixels;  ///< (images, 3·height·width), planar, normalised
  int grid_rows = 0, grid_columns = 0;
};

/// The image tower. Immutable; safe to use from several threads.
class VisionTower {
 public:
  /// Loads the parameters. `weights` must outlive the tower.
  VisionTower(const Weights& weights, const ClipConfig& config);

  /// The image embedding before normalisation, (images, projection). Trace points vision.pixels …
  /// vision.embedding. A grid other than the checkpoint's own gets the position embeddings
  /// interpolated bicubically.
  Value forward(Trace& trace, PixelBatch batch, LastBlock last_block) const {
    const std::int64_t images = batch.pixels.rows();
    return encode(trace, embed(trace, std::move(batch)), images, last_block);
  }

  /// The first part of forward: the tokens of each image, class token first, position embeddings
  /// added, (images·tokens, width). Trace points vision.pixels … vision.embedded.
  Value embed(Trace& trace, PixelBatch batch) const;
  /// The end of embed: from patch embeddings, (images·grid_rows·grid_columns, width), to tokens.
  /// Trace points vision.class_token, vision.embedded.
  Value position(Trace& trace, const Value& patches, int grid_rows, int grid_columns) const;
  /// The rest: from `embedded` tokens, the same number for each image and a class token first, to
  /// the image embedding. The tokens may be any subset of an image's: what is left out is not
  /// computed, and those that stay keep their positions.
  Value encode(Trace& trace, const Value& embedded, std::int64_t images,
               LastBlock last_block) const;
  /// The part of encode that follows once a block's input is there, (images·tokens, width).
  Value encode_from(Trace& trace, Value x, int block, std::int64_t images,
                    LastBlock last_block) const;

 private:
  OpPtr positions_for(int rows, int columns) const;

  VisionConfig config_;
  std::shared_ptr<const Tensor> class_token_, positions_;
  OpPtr patch_projection_, add_positions_, ln_pre_, ln_post_, projection_;
  std::vector<Block> blocks_;
};

/// Position embeddings for another grid: the class token's row as it is, the others as an image of
/// `side` × `side` resampled to rows × columns with the bicubic kernel of a = −0.75 at half-pixel
/// centres and clamped borders, without antialiasing, as PyTorch's interpolate(mode="bicubic",
/// align_corners=False). in: (side·side + 1, width); out: (rows·columns + 1, width).
Tensor interpolate_positions(const Tensor& positions, int side, int rows, int columns);

}  // namespace whyclip
