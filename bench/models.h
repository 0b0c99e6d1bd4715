#pragma once

#include "tests/support/hash_checkpoint.h"
#include "whyclip/clip.h"

namespace whyclip::bench {

/// Full-size models with weights from a hash, created once per run.
const Clip& vit_b32();
const Clip& vit_b16();

/// An image of 224 × 224 pixels from a hash.
Preprocessed hash_image();

/// Floating-point operations of the matrix products of `rows` tokens through one block, forward: q,
/// k, v, out and MLP, scores and mix with `keys` keys each.
double block_flops(const TowerConfig& tower, double rows, double keys);

/// Floating-point operations of the whole image tower for one image, every row of every block; the
/// basis of x_floor (8.818 GFLOP for ViT-B/32).
double forward_flops(const Clip& clip);

}  // namespace whyclip::bench
