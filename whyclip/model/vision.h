#pragma once

#include <vector>

#include "whyclip/model/block.h"

namespace whyclip {

/// Which rows of the last block are computed.
enum class LastBlock {
  kPooledOnly,  ///< the class token's row, which the embedding depends on
  kAllRows,     ///< all tokens, for their trace points
};

/// Input of the vision tower.
struct PixelBatch {
  Tensor pixels;  ///< (images, 3·height·width), planar, normalised
  int grid_rows = 0, grid_columns = 0;
};

/// The image tower. Immutable; safe to use from several threads.
class VisionTower {
 public:
  /// Loads the parameters. `weights` must outlive the tower.
  VisionTower(const Weights& weights, const ClipConfig& config);

  /// Computes the image embeddings before normalisation, (images, projection). Trace points
  /// vision.pixels … vision.embedding. For a grid other than the checkpoint's, position embeddings
  /// are interpolated bicubically.
  Value forward(Trace& trace, PixelBatch batch, LastBlock last_block) const {
    const std::int64_t images = batch.pixels.rows();
    return encode(trace, embed(trace, std::move(batch)), images, last_block);
  }

  /// The first part of forward: computes the tokens of each image, class token first, with position
  /// embeddings, (images·tokens, width). Trace points vision.pixels … vision.embedded.
  Value embed(Trace& trace, PixelBatch batch) const;
  /// The last part of embed: turns patch embeddings, (images·grid_rows·grid_columns, width), into
  /// tokens. Trace points vision.class_token, vision.embedded.
  Value embed_patches(Trace& trace, const Value& patches, int grid_rows, int grid_columns) const;
  /// The second part of forward: turns `embedded` tokens, the same number for each image with the
  /// class token first, into image embeddings. The tokens may be any subset of an image's tokens:
  /// removed tokens are not computed, and kept tokens keep their positions.
  Value encode(Trace& trace, const Value& embedded, std::int64_t images,
               LastBlock last_block) const;
  /// The part of encode from the input of a block on, (images·tokens, width).
  Value encode_from(Trace& trace, Value x, int block, std::int64_t images,
                    LastBlock last_block) const;

 private:
  OpPtr positions_for(int rows, int columns) const;

  VisionConfig config_;
  std::shared_ptr<const Tensor> class_token_, positions_;
  OpPtr patch_projection_, add_positions_, ln_pre_, ln_post_, projection_;
  std::vector<Block> blocks_;
};

/// Position embeddings for another grid. The class token's row is unchanged; the others are
/// resampled from `side` × `side` to rows × columns with the bicubic kernel of a = −0.75,
/// half-pixel centres and clamped borders, without antialiasing, like PyTorch's
/// interpolate(mode="bicubic", align_corners=False). in: (side·side + 1, width); out: (rows·columns
/// + 1, width).
Tensor interpolate_positions(const Tensor& positions, int side, int rows, int columns);

}  // namespace whyclip
