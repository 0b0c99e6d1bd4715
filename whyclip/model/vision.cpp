#include "whyclip/model/vision.h"

#include <fmt/format.h>

#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/select_rows.h"

namespace whyclip {
namespace {

std::vector<std::int32_t> count_up(std::int64_t n) {
  std::vector<std::int32_t> result(std::size_t(n), 0);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

}  // namespace

VisionTower::VisionTower(const Weights& weights, const ClipConfig& config)
    : config_(config.vision), blocks_(load_blocks(weights, config.vision.tower, "vision")) {
  const std::int64_t width = config_.tower.width, patch = config_.patch_size,
                     tokens = std::int64_t{config_.grid()} * config_.grid() + 1;
  class_token_ =
      std::make_shared<Tensor>(Tensor::from(1, width, weights.load("vision.class_token")));
  positions_ =
      std::make_shared<Tensor>(Tensor::from(tokens, width, weights.load("vision.positions")));
  patch_projection_ = std::make_shared<Linear>(weights.loader("vision.patch_projection"), width,
                                               3 * patch * patch, std::vector<float>{});
  add_positions_ = std::make_shared<AddRows>(positions_, count_up(tokens));
  ln_pre_ = std::make_shared<LayerNorm>(weights.load("vision.ln_pre.weight"),
                                        weights.load("vision.ln_pre.bias"), config_.tower.epsilon);
  ln_post_ =
      std::make_shared<LayerNorm>(weights.load("vision.ln_post.weight"),
                                  weights.load("vision.ln_post.bias"), config_.tower.epsilon);
  projection_ = std::make_shared<Linear>(weights.loader("vision.projection"), config.projection,
                                         width, std::vector<float>{});
}

OpPtr VisionTower::positions_for(int rows, int columns) const {
  if (rows == config_.grid() && columns == config_.grid()) return add_positions_;
  auto table =
      std::make_shared<Tensor>(interpolate_positions(*positions_, config_.grid(), rows, columns));
  return std::make_shared<AddRows>(std::move(table), count_up(std::int64_t{rows} * columns + 1));
}

Value VisionTower::embed(Trace& trace, PixelBatch batch) const {
  const int rows = batch.grid_rows, columns = batch.grid_columns;
  const std::int64_t images = batch.pixels.rows(), patches = std::int64_t{rows} * columns;
  const std::int64_t patch_pixels = 3 * std::int64_t{config_.patch_size} * config_.patch_size;
  if (images < 1 || batch.pixels.width() != patches * patch_pixels) {
    throw Error("vision.pixels",
                fmt::format("expected {} values per image for {} × {} patches, got {}",
                            patches * patch_pixels, rows, columns, batch.pixels.width()));
  }
  const Value pixels = trace.input("vision.pixels", std::move(batch.pixels));
  const Value cut =
      trace.apply("vision.", "patchified",
                  std::make_shared<Patchify>(rows, columns, config_.patch_size), {pixels});
  const Value embedded_patches = trace.apply("vision.", "patches", patch_projection_, {cut});
  return embed_patches(trace, embedded_patches, rows, columns);
}

Value VisionTower::embed_patches(Trace& trace, const Value& patches, int grid_rows,
                                 int grid_columns) const {
  const std::int64_t count = std::int64_t{grid_rows} * grid_columns;
  if (count < 1 || patches->rows() == 0 || patches->rows() % count != 0 ||
      patches->width() != config_.tower.width) {
    throw Error(
        "vision.patches",
        fmt::format("expected {} × {} patches of width {} for each image, got {} of {}", grid_rows,
                    grid_columns, config_.tower.width, patches->rows(), patches->width()));
  }
  const Value with_class = trace.apply("vision.", "class_token",
                                       std::make_shared<Prepend>(class_token_, count), {patches});
  return trace.apply("vision.", "embedded", positions_for(grid_rows, grid_columns), {with_class});
}

Value VisionTower::encode(Trace& trace, const Value& embedded, std::int64_t images,
                          LastBlock last_block) const {
  if (images < 1 || embedded->rows() == 0 || embedded->rows() % images != 0) {
    throw Error("vision.embedded", fmt::format("expected the same number of tokens for each of {} "
                                               "images, got {} tokens",
                                               images, embedded->rows()));
  }
  return encode_from(trace, trace.apply("vision.", "ln_pre", ln_pre_, {embedded}), 0, images,
                     last_block);
}

Value VisionTower::encode_from(Trace& trace, Value x, int block, std::int64_t images,
                               LastBlock last_block) const {
  if (block < 0 || block >= int(blocks_.size())) {
    throw Error("vision.blocks",
                fmt::format("expected a block from 0 to {}, got {}", blocks_.size() - 1, block));
  }
  const std::int64_t tokens = x->rows() / images;
  std::vector<std::int64_t> class_rows;
  for (std::int64_t p = 0; p < images; ++p) class_rows.push_back(p * tokens);
  const AttentionMaskPtr mask = AttentionMask::full(images, tokens);
  for (auto i = std::size_t(block); i + 1 < blocks_.size(); ++i) {
    x = run_block(trace, blocks_[i], x, mask);
  }
  if (last_block == LastBlock::kPooledOnly) {
    x = run_last_block(trace, blocks_.back(), x, class_rows,
                       AttentionMask::full_one_query(images, tokens));
  } else {
    x = run_block(trace, blocks_.back(), x, mask);
    x = trace.apply("vision.", "class_rows", std::make_shared<SelectRows>(class_rows), {x});
  }
  const Value pooled = trace.apply("vision.", "pooled", ln_post_, {x});
  return trace.apply("vision.", "embedding", projection_, {pooled});
}

}  // namespace whyclip
