#include "bench/models.h"

#include "bench/ceiling.h"
#include "tests/support/data.h"

namespace whyclip::bench {
namespace {

constexpr int kSide = 224;

Clip make(testing::HashSize size) {
  const testing::TemporaryFolder folder;
  testing::write_hash_checkpoint(folder.path(), size);
  return Clip::open(folder.path(), {.threads = threads(), .cache = {}});
}

}  // namespace

const Clip& vit_b32() {
  static const Clip clip = make(testing::HashSize::kB32);
  return clip;
}

const Clip& vit_b16() {
  static const Clip clip = make(testing::HashSize::kB16);
  return clip;
}

Preprocessed hash_image() {
  Preprocessed image;
  image.pixels = testing::hash_tensor("input.pixels", 3 * kSide * kSide, 0, 1);
  image.width = image.height = kSide;
  image.area = {0, 0, kSide, kSide};
  return image;
}

double block_flops(const TowerConfig& tower, double rows, double keys) {
  const double width = tower.width;
  return 2 * rows * (4 * width * width + 2 * width * tower.mlp_width) + 4 * rows * keys * width;
}

double forward_flops(const Clip& clip) {
  const VisionConfig& vision = clip.config().vision;
  const double width = vision.tower.width, patch = 3.0 * vision.patch_size * vision.patch_size,
               patches = double(vision.grid()) * vision.grid();
  return vision.tower.layers * block_flops(vision.tower, patches + 1, patches + 1) +
         2 * patches * patch * width + 2 * width * clip.config().projection;
}

}  // namespace whyclip::bench
