#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/core/tensor.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

// How much of each token is in each other token, layer by layer, and from the patches to the class
// token through all layers. With the attention pattern A and the 1/σ of ln1 held at their values of
// this image, the residual stream after the attention of a pre-norm block is a sum of vectors
// from the tokens j of its input x and of biases:
//
//   resid_mid_i = Σ_j T_i(j) + b
//   T_i(j) = Σ_h A^h_ij W_O^h W_V^h γ(x_j − mean(x_j))/σ_j + δ_ij x_j
//   b = W_O (W_V β + b_V) + b_O
//
// with γ, β and σ of ln1, and W_O^h the columns of W_O that read head h. A measure makes of the
// T_i(j) a matrix of numbers ≥ 0, (queries, tokens), whose rows are divided by their sums. The
// product of the matrices, last layer first, says how much of each token of the first layer's input
// is in the last layer's output: attention rollout (Abnar and Zuidema, "Quantifying Attention Flow
// in Transformers", ACL 2020) without its + I, as the residual is in T already.

/// How much of token j is in token i.
enum class TokenMeasure {
  /// ‖T_i(j)‖₂: Modarressi et al., "GlobEnc: Quantifying Global Token Attribution by Incorporating
  /// the Whole Encoder Layer in Transformers", NAACL 2022. There, in post-norm blocks, T goes on
  /// through LN1 and, beside the MLP, through the second residual and LN2, each as
  /// γ(T − mean(T))/σ. A pre-norm block has no norm on that path: the second residual propagates
  /// T_i(j) on as it is, so this is the norm at resid_mid, and the block's ln1 stands before the
  /// values. As in the paper, what the MLP adds is not taken apart.
  kGlobEnc,
  /// max(0, ‖y_i‖₁ − ‖y_i − T_i(j)‖₁), y the sum with biases: Ferrando et al., "Measuring the
  /// Mixing of Contextual Information in the Transformer", EMNLP 2022 (ALTI). There y and T have
  /// gone through LN1 of a post-norm block; here they are those at resid_mid.
  kAlti,
};

/// Where the bias of the values, W_O (W_V β + b_V), belongs.
enum class ValueBias {
  /// To b: no token owns it.
  kOwn,
  /// To T, A^h_ij times to token j. So it is with the b_V of Kobayashi et al. ("Attention is Not
  /// Only a Weight", EMNLP 2020), on whom both papers build, and in ALTI's published code; a
  /// post-norm block has no β there.
  kWithToken,
};

struct TokenAggregationOptions {
  TokenMeasure measure = TokenMeasure::kGlobEnc;
  /// With δ_ij x_j in T. Without, T is of the attention's output only and y is attn_out; kGlobEnc
  /// and kWithToken then make the ‖Σ αf(x)‖ of Kobayashi et al.
  bool residual = true;
  ValueBias value_bias = ValueBias::kOwn;
  bool keep_layers = false;  ///< also return the matrices of the layers
};

/// Where the class token of the last layer comes from. Entries are ≥ 0, without a unit; patches and
/// class token add up to 1.
struct TokenAggregation {
  std::string method;  ///< "globenc" or "alti"
  /// The map is the same whatever is asked about the image.
  static constexpr bool target_free = true;
  PatchGrid grid;
  std::vector<float> patches;  ///< (grid.rows, grid.columns)
  float class_token = 0;       ///< what the class token has of itself
  std::vector<Tensor> layers;  ///< if requested: token_mixing's
};

/// The class token's row of the product over all layers. Throws Error naming the trace point and
/// the row of a layer's matrix in which nothing is positive, so that it has no contributions.
TokenAggregation token_aggregation(const RecordedImage& recorded,
                                   const TokenAggregationOptions& options = {});

/// The matrices of all layers of a record's tower ("vision" or "text"), first layer first,
/// (queries, tokens) each with rows that sum to 1; one row a query that the layer computed. What a
/// query does not see is zero. For records of one image or one tree of prompts. Throws Error as
/// token_aggregation does, and if the record holds no block of that tower.
std::vector<Tensor> token_mixing(const Workspace& workspace, const Record& record,
                                 std::string_view tower,
                                 const TokenAggregationOptions& options = {});

/// layers[L−1] · … · layers[0], (rows of the last, columns of the first). Throws Error if there are
/// none or one has not as many columns as the one before has rows.
Tensor rollout(std::span<const Tensor> layers);

}  // namespace whyclip
