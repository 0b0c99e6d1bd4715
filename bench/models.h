#pragma once

#include "bench/ceiling.h"
#include "tests/support/data.h"
#include "tests/support/hash_checkpoint.h"
#include "whyclip/clip.h"

namespace whyclip::bench {

/// A full-size model with weights from a hash, made once for the whole run.
inline const Clip& vit_b32() {
  static const testing::TemporaryFolder folder;
  static const Clip clip = [] {
    testing::write_hash_checkpoint(folder.path(), testing::HashSize::kB32);
    return Clip::open(folder.path(), {.threads = threads(), .cache = {}});
  }();
  return clip;
}

/// Floating-point operations of the matrix products of `rows` tokens through one block, forward: q,
/// k, v, out and MLP, scores and mix with `keys` keys each.
inline double block_flops(const TowerConfig& tower, double rows, double keys) {
  const double width = tower.width;
  return 2 * rows * (4 * width * width + 2 * width * tower.mlp_width) + 4 * rows * keys * width;
}

}  // namespace whyclip::bench
